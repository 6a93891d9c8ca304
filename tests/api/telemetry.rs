//! What operators are told: the log and the metrics of the program, as it serves.

mod logs;
mod metrics;
mod personal;
mod traffic;
