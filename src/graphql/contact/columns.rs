//! Columns that a selection of contacts needs.

use std::str::FromStr as _;

use async_graphql::SelectionField;
use entity::contact::Column;

/// Columns of which `displayName` is made, beside the id: the names, and what may stand for them.
pub(in crate::graphql) const DISPLAY_NAME: [Column; 6] = [
    Column::FirstName,
    Column::LastName,
    Column::Company,
    Column::Email,
    Column::Phone,
    Column::WhatsappNumber,
];

/// Returns the columns that the selected fields of contacts read, and the id. A column may occur twice.
pub(in crate::graphql) fn columns<'a>(contacts: impl IntoIterator<Item = SelectionField<'a>>) -> Vec<Column> {
    contacts
        .into_iter()
        .flat_map(|contact| contact.selection_set().collect::<Vec<_>>())
        .flat_map(|field| columns_of(field.name()))
        .chain([Column::Id])
        .collect()
}

/// Returns the columns that a field reads: the one of its name, unless the field is listed here.
fn columns_of(field: &str) -> Vec<Column> {
    match field {
        "organization" => vec![],
        "displayName" => DISPLAY_NAME.to_vec(),
        "emails" | "phones" | "assignees" => vec![Column::Id],
        "companyRecord" => vec![Column::CompanyId],
        "pipeline" => vec![Column::PipelineId],
        "pipelineStage" => vec![Column::PipelineStageId],
        "team" => vec![Column::TeamId],
        "owner" => vec![Column::OwnerId],
        // sea-orm reads the name of a column in camel case too, as the fields are called.
        _ => Column::from_str(field).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_contact_names_columns_that_it_reads() {
        let sdl = crate::graphql::sdl();
        let start = sdl.find("type Contact implements").expect("the type");
        let body = &sdl[start..start + sdl[start..].find("\n}").expect("its end")];
        let fields: Vec<&str> = body
            .lines()
            .skip(1)
            .filter(|line| line.starts_with('\t') && !line.trim_start().starts_with('"'))
            .filter_map(|line| line.trim().split([':', '(']).next())
            .filter(|name| !name.is_empty() && name.chars().all(char::is_alphanumeric))
            .collect();
        assert!(fields.contains(&"firstName") && fields.contains(&"version"), "{fields:?}");
        for field in fields {
            let named = !columns_of(field).is_empty() || field == "organization";
            assert!(named, "{field} reads no column");
        }
    }
}
