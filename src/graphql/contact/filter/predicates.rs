//! Conversion of the filter input to predicates on contacts.

use entity::contact::Column;

use super::{
    ContactFilter,
    operators::{Asserted, DateTimeFilter, IDFilter, IntFilter, StringFilter, StringListFilter},
};
use crate::contacts::{Filter, Flag, IdField, Predicate, TextField};

impl From<ContactFilter> for Filter {
    /// Names every field of the input, so that none can be forgotten.
    #[expect(clippy::too_many_lines, reason = "a line for each field")]
    fn from(input: ContactFilter) -> Self {
        let ContactFilter {
            and,
            or,
            not,
            id,
            external_id,
            first_name,
            last_name,
            email,
            phone,
            company,
            company_id,
            job_title,
            industry,
            city,
            state,
            zip,
            country,
            status,
            stage,
            source,
            process,
            timezone,
            language,
            website,
            whatsapp_number,
            enrichment_status,
            pipeline_id,
            pipeline_stage_id,
            team_id,
            owner_id,
            created_by_id,
            assignee_id,
            tags: tag_names,
            score,
            is_active,
            email_subscribed,
            do_not_call,
            created_at,
            updated_at,
            enriched_at,
            tag_added_at,
            deleted_at,
            metadata,
        } = input;
        let texts = [
            (external_id, TextField::ExternalId),
            (first_name, TextField::FirstName),
            (last_name, TextField::LastName),
            (email, TextField::Email),
            (phone, TextField::Phone),
            (company, TextField::Company),
            (job_title, TextField::Plain(Column::JobTitle)),
            (industry, TextField::Plain(Column::Industry)),
            (city, TextField::Plain(Column::City)),
            (state, TextField::Plain(Column::State)),
            (zip, TextField::Plain(Column::Zip)),
            (country, TextField::Plain(Column::Country)),
            (status, TextField::Plain(Column::Status)),
            (stage, TextField::Plain(Column::Stage)),
            (source, TextField::Plain(Column::Source)),
            (process, TextField::Plain(Column::Process)),
            (timezone, TextField::Plain(Column::Timezone)),
            (language, TextField::Plain(Column::Language)),
            (website, TextField::Plain(Column::Website)),
            (whatsapp_number, TextField::WhatsappNumber),
            (enrichment_status, TextField::Plain(Column::EnrichmentStatus)),
        ];
        let ids = [
            (id, IdField::Own(Column::Id)),
            (company_id, IdField::Own(Column::CompanyId)),
            (pipeline_id, IdField::Own(Column::PipelineId)),
            (pipeline_stage_id, IdField::Own(Column::PipelineStageId)),
            (team_id, IdField::Own(Column::TeamId)),
            (owner_id, IdField::Own(Column::OwnerId)),
            (created_by_id, IdField::Own(Column::CreatedBy)),
            (assignee_id, IdField::Assignee),
        ];
        let times = [
            (created_at, Column::CreatedAt),
            (updated_at, Column::UpdatedAt),
            (enriched_at, Column::EnrichedAt),
            (tag_added_at, Column::TagAddedAt),
            (deleted_at, Column::DeletedAt),
        ];
        let flags = [
            (is_active, Flag::IsActive),
            (email_subscribed, Flag::EmailSubscribed),
            (do_not_call, Flag::DoNotCall),
        ];
        let mut predicates = Vec::new();
        for (given, field) in texts {
            let given = given.into_iter().flat_map(StringFilter::comparisons);
            predicates.extend(given.map(|asserted| predicate(asserted, |text| Predicate::Text(field, text))));
        }
        for (given, field) in ids {
            let given = given.into_iter().flat_map(IDFilter::comparisons);
            predicates.extend(given.map(|asserted| predicate(asserted, |id| Predicate::Id(field, id))));
        }
        let score = score.into_iter().flat_map(IntFilter::comparisons);
        predicates.extend(
            score.map(|asserted| predicate(asserted, |number| Predicate::Number(Column::Score, number))),
        );
        for (given, column) in times {
            let given = given.into_iter().flat_map(DateTimeFilter::comparisons);
            predicates.extend(
                given.map(|asserted| predicate(asserted, |number| Predicate::Number(column, number))),
            );
        }
        predicates.extend(flags.into_iter().filter_map(|(given, flag)| Some(Predicate::Flag(flag, given?))));
        let tag_names = tag_names.into_iter().flat_map(StringListFilter::comparisons);
        predicates.extend(tag_names.map(|asserted| predicate(asserted, Predicate::Tags)));
        for filter in metadata.into_iter().flatten() {
            let (key, given) = filter.into_parts();
            predicates.extend(given.map(|asserted| {
                predicate(asserted, |comparison| Predicate::Metadata(key.clone(), comparison))
            }));
        }
        let list = |filters: Vec<ContactFilter>| filters.into_iter().map(Self::from).collect();
        Self {
            predicates,
            and: and.map(list),
            or: or.map(list),
            not: not.map(|filter| Box::new(Self::from(*filter))),
        }
    }
}

/// Makes a predicate of a comparison, or of its complement.
fn predicate<T>((comparison, holds): Asserted<T>, of: impl FnOnce(T) -> Predicate) -> Predicate {
    let predicate = of(comparison);
    if holds { predicate } else { predicate.negated() }
}
