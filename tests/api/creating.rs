//! `createContact`: what it stores, what it fills in, and what it refuses.

mod conflicts;
mod defaults;
mod emails;
mod everything;
mod limits;
mod metadata;
mod names;
mod phones;
mod places;
mod references;
mod required;
mod settings;
mod stages;
mod tags;
