//! Companies: contacts link to them, and show their names.

use entity::{
    cascade::Subject,
    company::{Column, Entity, Model},
};
use uuid::Uuid;

use crate::{
    input::{
        locale::WEB_ADDRESS,
        patch::Patch,
        problem::{Problems, Referent},
        text::{self, LineBreaks, is_blank},
    },
    reference::{ReferenceKind, columns},
};

/// Maximum characters of a website, and of an industry.
const MAX_CHARS: usize = 1_024;

/// Fields of the input of a company, beside its name and external id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Details {
    pub(crate) website: Patch<String>,
    pub(crate) industry: Patch<String>,
}

impl ReferenceKind for Entity {
    type Details = Details;
    columns!();
    const NAME_FOLD: Option<Column> = Some(Column::NameFold);
    const REFERENT: Referent = Referent::Company;
    const SUBJECT: Subject = Subject::Company;
    const IS_SETTING: bool = false;
    const IS_SHOWN: bool = true;

    fn new_row(org_id: Uuid, id: Uuid, at: i64) -> Model {
        Model {
            org_id,
            id,
            external_id: None,
            name: String::new(),
            name_key: Vec::new(),
            name_fold: String::new(),
            website: None,
            industry: None,
            created_at: at,
            updated_at: at,
            deleted_at: None,
        }
    }

    fn check(details: &mut Details, problems: &mut Problems) {
        let Details { website, industry } = details;
        website.null_if(|text| is_blank(text));
        if let Patch::Value(given) = website
            && text::check(problems, "website", given, MAX_CHARS, LineBreaks::Refused)
            && let Some(address) = WEB_ADDRESS.check(problems, "website", given)
        {
            *given = address;
        }
        industry.null_if(|text| is_blank(text));
        if let Patch::Value(given) = industry {
            text::check(problems, "industry", given, MAX_CHARS, LineBreaks::Refused);
        }
    }

    fn fill(row: &mut Model, details: &Details) {
        let Details { website, industry } = details.clone();
        website.apply_to(&mut row.website);
        industry.apply_to(&mut row.industry);
    }
}
