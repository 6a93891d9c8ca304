//! Companies: records that contacts link to, and whose names those show.

use entity::{
    company::{Column, Entity, Model},
    follow_up::Subject,
};
use uuid::Uuid;

use crate::{
    input::{
        locale::web_address,
        patch::Patch,
        problem::{ProblemCode, Problems, Referent},
        text::{self, Lines},
    },
    related::{Kind, Named, blank_is_null, columns, put},
};

/// What is said of a company.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the API's inputs describe each")]
pub struct Draft {
    pub named: Named,
    pub website: Patch<String>,
    pub industry: Patch<String>,
}

impl Kind for Entity {
    type Draft = Draft;
    columns!();
    const NAME_FOLD: Option<Column> = Some(Column::NameFold);
    const REFERENT: Referent = Referent::Company;
    const SUBJECT: Subject = Subject::Company;
    const IS_SETTING: bool = false;
    const IS_SHOWN: bool = true;

    fn blank(org_id: Uuid, id: Uuid, at: i64) -> Model {
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

    fn named(draft: &mut Draft) -> &mut Named {
        &mut draft.named
    }

    fn check(draft: &mut Draft, problems: &mut Problems) {
        let Draft { named: _, website, industry } = draft;
        blank_is_null(website);
        if let Patch::Value(given) = website
            && text::check(problems, "website", given, 1_024, Lines::One)
        {
            match web_address(given) {
                Some(address) => *given = address,
                None => problems.add(
                    "website",
                    ProblemCode::UrlInvalid,
                    "is not a web address. Use one such as https://example.com",
                ),
            }
        }
        blank_is_null(industry);
        if let Patch::Value(given) = industry {
            text::check(problems, "industry", given, 1_024, Lines::One);
        }
    }

    fn fill(row: &mut Model, draft: &Draft) {
        put(&mut row.website, &draft.website);
        put(&mut row.industry, &draft.industry);
    }
}
