//! The table of a contact's text fields: for each its name in the API, its limit, its normal form, and
//! its accessors in a draft and in a row.
//!
//! A new text field is one line here. A field with rules of its own (addresses, numbers, tags, ids,
//! status and stage) is a field of [`ContactDraft`](super::draft::ContactDraft) instead.

use entity::contact::Model;

use crate::input::{
    locale::{self, NormalForm},
    patch::Patch,
    problem::Problems,
    text::{self, LineBreaks},
};

/// Maximum characters of a text without a limit of its own.
const MAX_CHARS: usize = 1_024;
/// Maximum characters of a name.
const MAX_NAME_CHARS: usize = 256;
/// Maximum characters of a key or a label.
const MAX_KEY_CHARS: usize = 255;
/// Maximum characters of the notes.
const MAX_NOTES_CHARS: usize = 65_536;

/// Rules of a text: its name in the API, its limit and its normal form.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextRule {
    /// Name of the field in inputs and in the paths of problems.
    pub(super) name: &'static str,
    max_chars: usize,
    lines: LineBreaks,
    normal_form: Option<NormalForm>,
}

impl TextRule {
    const fn new(name: &'static str, max_chars: usize) -> Self {
        Self { name, max_chars, lines: LineBreaks::Refused, normal_form: None }
    }

    const fn with_lines(self) -> Self {
        Self { lines: LineBreaks::Allowed, ..self }
    }

    const fn in_form(self, form: NormalForm) -> Self {
        Self { normal_form: Some(form), ..self }
    }

    /// Returns the text in its normal form, or reports its problems.
    pub(super) fn check(&self, problems: &mut Problems, given: String) -> Option<String> {
        // A text that is refused here is not normalized, so that one mistake is one problem.
        if !text::check(problems, self.name, &given, self.max_chars, self.lines) {
            return None;
        }
        match &self.normal_form {
            Some(form) => form.check(problems, self.name, &given),
            None => Some(given),
        }
    }
}

/// Limits of the texts that are applied by rules of their own.
pub(super) const STATUS: TextRule = TextRule::new("status", MAX_KEY_CHARS);
pub(super) const STAGE: TextRule = TextRule::new("stage", MAX_KEY_CHARS);
pub(super) const SOURCE: TextRule = TextRule::new("source", MAX_KEY_CHARS);

/// A text field of a contact.
pub(super) struct TextField {
    pub(super) rule: TextRule,
    /// Returns the field of a draft.
    pub(super) given: fn(&mut TextFields) -> &mut Patch<String>,
    /// Returns the field of a row.
    pub(super) stored: fn(&mut Model) -> &mut Option<String>,
}

macro_rules! text_fields {
    ($($(#[$doc:meta])+ $field:ident: $rule:expr;)+) => {
        /// Fields of a contact that are plain texts.
        #[derive(Clone, Debug, Default)]
        pub struct TextFields {
            $($(#[$doc])+ pub $field: Patch<String>,)+
        }

        /// Every text field, in the order in which problems are reported.
        pub(super) const TEXT_FIELDS: &[TextField] = &[$(TextField {
            rule: $rule,
            given: |texts| &mut texts.$field,
            stored: |row| &mut row.$field,
        },)+];
    };
}

text_fields! {
    /// The caller's own key, unique among live contacts.
    external_id: TextRule::new("externalId", MAX_KEY_CHARS);
    /// Given name.
    first_name: TextRule::new("firstName", MAX_NAME_CHARS);
    /// Family name.
    last_name: TextRule::new("lastName", MAX_NAME_CHARS);
    /// Company name as text; the name of a linked company wins.
    company: TextRule::new("company", MAX_CHARS);
    /// Job title.
    job_title: TextRule::new("jobTitle", MAX_CHARS);
    /// Line of business.
    industry: TextRule::new("industry", MAX_CHARS);
    /// Web address.
    website: TextRule::new("website", MAX_CHARS).in_form(locale::WEB_ADDRESS);
    /// Web address of a profile.
    linkedin_url: TextRule::new("linkedinUrl", MAX_CHARS).in_form(locale::WEB_ADDRESS);
    /// Street and number.
    address_line1: TextRule::new("addressLine1", MAX_CHARS);
    /// Building, floor, unit.
    address_line2: TextRule::new("addressLine2", MAX_CHARS);
    /// City or town.
    city: TextRule::new("city", MAX_CHARS);
    /// State, province or region.
    state: TextRule::new("state", MAX_CHARS);
    /// Postal code.
    zip: TextRule::new("zip", MAX_CHARS);
    /// Country, kept as ISO 3166-1 alpha-2.
    country: TextRule::new("country", MAX_CHARS).in_form(locale::COUNTRY);
    /// IANA time zone.
    timezone: TextRule::new("timezone", MAX_CHARS).in_form(locale::TIMEZONE);
    /// BCP 47 language tag.
    language: TextRule::new("language", MAX_CHARS).in_form(locale::LANGUAGE);
    /// Process that the contact is in.
    process: TextRule::new("process", MAX_KEY_CHARS);
    /// Notes, the one text of several lines.
    notes: TextRule::new("notes", MAX_NOTES_CHARS).with_lines();
    /// Status of the latest enrichment run; set by recording one only.
    enrichment_status: TextRule::new("enrichmentStatus", MAX_CHARS);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use entity::contact::Column;
    use sea_orm::{IdenStatic as _, Iterable as _};

    use super::*;

    /// Columns that a draft sets by rules of their own.
    const WITH_RULES: [Column; 18] = [
        Column::Email,
        Column::Phone,
        Column::WhatsappNumber,
        Column::CompanyId,
        Column::Tags,
        Column::Status,
        Column::Stage,
        Column::PipelineId,
        Column::PipelineStageId,
        Column::Source,
        Column::Score,
        Column::IsActive,
        Column::EmailSubscribed,
        Column::Metadata,
        Column::IndustryContext,
        Column::TeamId,
        Column::OwnerId,
        Column::SourceCreatedAt,
    ];

    /// Columns that no input sets: the gateway maintains them.
    const MAINTAINED: [Column; 22] = [
        Column::OrgId,
        Column::Id,
        Column::EnrichedAt,
        Column::EnrichedSeq,
        Column::TagAddedAt,
        Column::TagAddedSeq,
        Column::CreatedAt,
        Column::CreatedSeq,
        Column::CreatedBy,
        Column::UpdatedAt,
        Column::ChangeSeq,
        Column::UpdatedBy,
        Column::UpdatedByKey,
        Column::Version,
        Column::Operation,
        Column::DeletedAt,
        Column::MergedIntoId,
        Column::NameKey,
        Column::CompanyKey,
        Column::FirstNameFold,
        Column::LastNameFold,
        Column::CompanyFold,
    ];

    /// Fields of an input that are rows of other tables.
    const LISTS: [&str; 3] = ["emails", "phones", "assigneeIds"];

    /// Fields of an input by which contacts cannot be filtered.
    const NOT_FILTERED: [&str; 6] =
        ["addressLine1", "addressLine2", "industryContext", "linkedinUrl", "notes", "sourceCreatedAt"];

    fn api_name(column: Column) -> String {
        let mut words = column.as_str().split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
    }

    fn members_of(input: &str) -> BTreeSet<String> {
        let sdl = crate::graphql::sdl();
        let start = sdl.find(&format!("input {input} {{")).expect("the input");
        let body = &sdl[start..start + sdl[start..].find("\n}").expect("its end")];
        let names =
            body.lines().skip(1).filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name);
        names.filter(|name| name.chars().all(char::is_alphanumeric)).map(str::to_owned).collect()
    }

    #[test]
    fn every_column_is_a_text_field_or_has_rules_of_its_own_or_is_maintained_by_the_gateway() {
        let texts = TEXT_FIELDS.iter().map(|field| field.rule.name.to_owned());
        let others = WITH_RULES.into_iter().chain(MAINTAINED).map(api_name);
        let known: BTreeSet<String> = texts.chain(others).collect();
        let columns: BTreeSet<String> = Column::iter().map(api_name).collect();
        assert_eq!(known, columns);
    }

    #[test]
    fn the_inputs_of_a_contact_are_the_fields_of_the_table() {
        let texts = TEXT_FIELDS.iter().map(|field| field.rule.name.to_owned());
        let ruled = WITH_RULES.into_iter().map(api_name);
        let lists = LISTS.into_iter().map(str::to_owned);
        let mut known: BTreeSet<String> = texts.chain(ruled).chain(lists).collect();
        assert!(known.remove("enrichmentStatus"), "recording a run sets it, no input of a contact does");
        assert_eq!(members_of("CreateContactInput"), known);
        known.extend(["addTags".to_owned(), "removeTags".to_owned()]);
        assert_eq!(members_of("ContactPatchInput"), known);
    }

    #[test]
    fn the_filter_has_every_field_of_the_table_but_those_that_are_not_filtered() {
        let texts = TEXT_FIELDS.iter().map(|field| field.rule.name.to_owned());
        let known = texts.chain(WITH_RULES.into_iter().map(api_name));
        let filter = members_of("ContactFilter");
        let missing: BTreeSet<String> = known.filter(|name| !filter.contains(name)).collect();
        assert_eq!(missing, BTreeSet::from(NOT_FILTERED.map(str::to_owned)));
    }
}
