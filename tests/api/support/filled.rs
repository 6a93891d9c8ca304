//! An organization that has one of everything, and whose texts all say the same.

use contacts_gateway::access::Scope;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{App, schema::Schema, steps::Steps};

/// An organization with one of everything.
#[derive(Debug)]
pub(crate) struct Filled {
    pub(crate) org_id: Uuid,
    pub(crate) key: String,
    /// What every text of it says: lower-case letters.
    pub(crate) text: String,
    /// The one number, in E.164.
    pub(crate) phone: String,
    pub(crate) score: i64,
    /// When everything of it was made in the system it came from.
    pub(crate) time: String,
    /// The id of each, by kind; a tag's and a phone's own too.
    pub(crate) ids: Vec<(&'static str, String)>,
}

impl Filled {
    /// Makes one whose numbers and times are told from others' by a number of at most 3 digits; by
    /// mutations, so that everything about it is as clients make it.
    pub(crate) async fn new(app: &App, schema: &Schema, text: &str, number: i64) -> Self {
        let (org_id, key) = app.organization(text).await;
        let mut filled = Self {
            org_id,
            key: key.clone(),
            text: text.to_owned(),
            phone: format!("+1416555{number:04}"),
            // Long enough not to be found in an id by chance.
            score: -number * 1_000_003,
            time: format!("{}-05-17T14:00:00.000Z", 1000 + number),
            ids: vec![],
        };
        let mut steps = Steps::new(app, &key);
        let email = filled.email();
        steps.take("updateContactPolicy", &json!({"requiredFields": []})).await;
        steps.take("createUser", &json!({"name": text, "email": email, "externalId": text})).await;
        let team = json!({"name": text, "externalId": text, "memberIds": ["$1"]});
        steps.take("createTeam", &team).await;
        let company = json!({"name": text, "externalId": text, "industry": text, "website": filled.url()});
        steps.take("createCompany", &company).await;
        let stages = json!([{"name": text, "externalId": text}]);
        let pipeline = json!({"name": text, "externalId": text, "stages": stages, "isDefault": true});
        steps.take("createPipeline", &pipeline).await;
        let data = filled.data(app, "{ pipelines { stages { id } } }").await;
        steps.name("stage", &data["pipelines"][0]["stages"][0]["id"]);
        steps.take("createContact", &filled.contact(schema)).await;
        steps.take("createContact", &json!({"firstName": text})).await;
        steps.take("deleteContact", &json!({"id": "$6"})).await;
        let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.constant()).collect();
        let key = json!({"name": text, "scopes": scopes, "teamIds": ["$2"], "userId": "$1"});
        steps.take("createApiKey", &key).await;
        let again = json!({"id": "$5", "status": text, "score": filled.score});
        // With a key, so that what is kept of repeats is there too.
        let whole = steps.send(Some(text), "recordContactEnrichment", &again, "contact { id }").await;
        assert_eq!(whole.get("errors"), None, "{whole:#}");
        let data = filled
            .data(app, "{ tags { nodes { id } } contacts { nodes { phones { id } emails { id } } } }")
            .await;
        let contact = &data["contacts"]["nodes"][0];
        let ids = [
            ("Contact", json!("$5")),
            ("deleted contact", json!("$6")),
            ("Company", json!("$3")),
            ("Team", json!("$2")),
            ("User", json!("$1")),
            ("Pipeline", json!("$4")),
            ("stage", json!("$stage")),
            ("Tag", data["tags"]["nodes"][0]["id"].clone()),
            ("ApiKey", json!("$8")),
            ("Organization", json!(org_id)),
            ("phone", contact["phones"][0]["id"].clone()),
            ("email", contact["emails"][0]["id"].clone()),
        ];
        let id = |value: Value| steps.filled(&value).as_str().expect("an id").to_owned();
        filled.ids = ids.into_iter().map(|(kind, value)| (kind, id(value))).collect();
        filled
    }

    /// A contact whose every text is the one text, where a text may say anything.
    fn contact(&self, schema: &Schema) -> Value {
        let text = &self.text;
        let members = schema.get("CreateContactInput").members().iter();
        let texts = members.filter(|member| member.ty.to_string() == "String");
        let mut input: Map<String, Value> = texts.map(|member| (member.name.clone(), json!(text))).collect();
        let others = json!({
            "email": self.email(), "phone": self.phone, "whatsappNumber": self.phone,
            "website": self.url(), "linkedinUrl": self.url(),
            "country": "DE", "timezone": "Europe/Berlin", "language": "de", "tags": [text],
            "metadata": {text: text}, "industryContext": {text: text}, "score": self.score, "sourceCreatedAt": self.time,
            "companyId": "$3", "teamId": "$2", "ownerId": "$1", "assigneeIds": ["$1"],
            "pipelineId": "$4", "pipelineStageId": "$stage",
        });
        input.extend(others.as_object().cloned().into_iter().flatten());
        input.into()
    }

    pub(crate) fn email(&self) -> String {
        format!("{}@example.com", self.text)
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}.example/", self.text)
    }

    /// The id of what a field is about, which the field's name, or a type's, says.
    #[track_caller]
    pub(crate) fn id_for(&self, field: &str) -> &str {
        let field = field.to_lowercase();
        let about = |kind: &str| field.contains(&kind.to_lowercase());
        let known =
            ["PipelineStage", "Company", "Team", "User", "Pipeline", "ApiKey", "Tag", "Contact", "node"];
        match known.into_iter().find(|kind| about(kind)) {
            Some("PipelineStage") => self.id("stage"),
            Some("node") => self.id("Contact"),
            Some(kind) => self.id(kind),
            None => panic!("teach me what `{field}` is about"),
        }
    }

    /// The id of the one of a kind.
    pub(crate) fn id(&self, kind: &str) -> &str {
        let found = self.ids.iter().find(|(known, _)| *known == kind);
        &found.unwrap_or_else(|| panic!("no {kind}")).1
    }

    async fn data(&self, app: &App, query: &str) -> Value {
        let mut answer = app.ask_as(&self.key, query, json!({})).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        answer["data"].take()
    }
}
