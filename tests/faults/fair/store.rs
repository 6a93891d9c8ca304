//! A database with two organizations, of which one has many contacts.

use entity::contact::Column;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, IdenStatic as _, Iterable as _};
use tempfile::TempDir;
use tokio::task::block_in_place;

#[cfg(postgres_found)]
use crate::cluster::Cluster;
use crate::{
    program::{Server, folder, run},
    rows,
};

/// Number of contacts that each organization has, with all that belongs to them.
const DEMO_CONTACTS: usize = 200;

/// Maximum length of notes.
const MAX_NOTES_CHARS: usize = 65_536;

/// Name of the organization that attacks.
const ATTACKER: &str = "Attacker";
/// Name of the organization that should notice nothing.
const BYSTANDER: &str = "Bystander";

/// A database, and a key of each organization.
pub(super) struct Store {
    pub(super) url: String,
    pub(super) attacker: String,
    pub(super) bystander: String,
    /// Connection past the gateway.
    pub(super) database: DatabaseConnection,
    pub(super) folder: TempDir,
    #[cfg(postgres_found)]
    _cluster: Option<Cluster>,
}

impl Store {
    pub(super) async fn on_sqlite() -> Self {
        let folder = folder();
        let url = format!("sqlite://{}", folder.path().join("contacts.db").display());
        let (attacker, bystander) = block_in_place(|| fill(&folder, &url));
        let database = rows::connect(&url).await;
        Self {
            url,
            attacker,
            bystander,
            database,
            folder,
            #[cfg(postgres_found)]
            _cluster: None,
        }
    }

    #[cfg(postgres_found)]
    pub(super) async fn on_postgres() -> Self {
        let folder = folder();
        let cluster = Cluster::start();
        let url = cluster.database().await;
        let (attacker, bystander) = block_in_place(|| fill(&folder, &url));
        let database = rows::connect(&url).await;
        Self { url, attacker, bystander, database, folder, _cluster: Some(cluster) }
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres:")
    }

    /// Returns the select of the attacker's id.
    pub(super) fn attacker_id() -> String {
        format!("SELECT id FROM organization WHERE name = '{ATTACKER}'")
    }

    /// Returns the select of the bystander's id.
    pub(super) fn bystander_id() -> String {
        format!("SELECT id FROM organization WHERE name = '{BYSTANDER}'")
    }

    /// Gives the contacts of an organization notes of the maximum length, of one character.
    pub(super) async fn fill_notes(&self, organization: &str, character: char) {
        let notes = match self.is_postgres() {
            true => format!("repeat('{character}', {MAX_NOTES_CHARS})"),
            false => format!("replace(hex(zeroblob({MAX_NOTES_CHARS})), '00', '{character}')"),
        };
        let fill = format!("UPDATE contact SET notes = {notes} WHERE org_id = ({organization})");
        self.database.execute_unprepared(&fill).await.expect("notes can be filled");
    }

    /// Gives the attacker copies of the rows of its contacts, with this `metadata`, past the gateway: what is
    /// written through it takes longer than the rest of the test.
    pub(super) async fn multiply(&self, copies: usize, metadata: &str) {
        let columns = Column::iter().map(|column| format!("\"{}\"", column.as_str())).collect::<Vec<_>>();
        let values = Column::iter().zip(&columns).map(|(column, name)| match column {
            Column::Id if self.is_postgres() => "gen_random_uuid()".to_owned(),
            Column::Id => "randomblob(16)".to_owned(),
            Column::ExternalId => "NULL".to_owned(),
            Column::Metadata => format!("'{metadata}'"),
            _ => name.clone(),
        });
        let (values, columns) = (values.collect::<Vec<_>>().join(", "), columns.join(", "));
        let copy = format!(
            "WITH RECURSIVE copy (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copy WHERE number < {copies})
            INSERT INTO contact ({columns}) SELECT {values} FROM contact CROSS JOIN copy
            WHERE org_id = ({})",
            Self::attacker_id()
        );
        self.database.execute_unprepared(&copy).await.expect("contacts can be copied");
        let tidy = if self.is_postgres() { "VACUUM ANALYZE" } else { "ANALYZE" };
        self.database.execute_unprepared(tidy).await.expect("tables are tidied");
    }

    /// Starts a gateway on it.
    pub(super) fn serve(&self, arguments: &[&str]) -> Server {
        let arguments = [arguments, &["--database-url", &self.url]].concat();
        block_in_place(|| Server::start(self.folder.path(), &arguments))
    }
}

/// Makes both organizations with their contacts; a key of each.
fn fill(folder: &TempDir, url: &str) -> (String, String) {
    let run = |arguments: &[&str]| run(folder.path(), &[arguments, &["--database-url", url]].concat()).ok();
    let organization = |name| {
        let key = run(&["keys", "create", "--name", "a", "--scopes", "all", "--new-organization", name]);
        let number = DEMO_CONTACTS.to_string();
        run(&["demo", "--contacts", &number, "--organization", name]);
        key.split_whitespace().find(|word| word.starts_with("cgw_")).expect("a key").to_owned()
    };
    (organization(ATTACKER), organization(BYSTANDER))
}
