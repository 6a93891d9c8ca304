//! Filling a database: contacts by the gateway's `demo`, then copies of them by SQL.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use uuid::Uuid;

use super::{Filled, multiply::multiply};
use crate::{database::Database, failure::Failure, options::Engine, report::say};

/// Maximum number of contacts that `demo` makes: ten thousand take a few seconds.
const MAX_DEMO: u64 = 10_000;

/// Name of the organization that is not asked.
const OTHER: &str = "Other";

pub(super) async fn fill(url: &str, gateway: &Path, contacts: u64) -> Result<Filled, Failure> {
    let started = Instant::now();
    let copies = contacts.div_ceil(MAX_DEMO).max(1);
    let (asked, other) = shares(contacts / copies);
    let run = |arguments: &[&str]| run(gateway, url, arguments);
    let said = run(&["demo", "--contacts", &asked.to_string()])?;
    let key =
        said.split_whitespace().find(|word| word.starts_with("cgw_")).ok_or("demo has printed no key")?;
    run(&["keys", "create", "--name", "benches", "--scopes", "all", "--new-organization", OTHER])?;
    run(&["demo", "--contacts", &other.to_string(), "--organization", OTHER])?;
    let database = Database::connect(url).await?;
    link_companies(&database).await?;
    multiply(&database, copies - 1).await?;
    let organizations =
        database.rows(&format!("SELECT id FROM organization WHERE name <> '{OTHER}'")).await?;
    let organization = organizations.first().and_then(|row| Uuid::parse_str(row.first()?).ok());
    let organization = organization.ok_or("demo has made no organization")?;
    let org = database.literal(organization);
    let clock = format!("SELECT change_seq, change_at FROM change_clock WHERE org_id = {org}");
    let [change_seq, change_at] = database.numbers(&clock).await?;
    let count = format!("SELECT count(*) FROM contact WHERE org_id = {org}");
    let [live] = database.numbers(&count).await?;
    let seconds = started.elapsed().as_secs();
    say(&format!(
        "filled {} with {contacts} contacts, {live} in the asked organization, in {seconds} s",
        database.engine().name()
    ));
    Ok(Filled { organization, key: key.to_owned(), change_seq, change_at })
}

/// Returns 70 % and the rest.
fn shares(contacts: u64) -> (u64, u64) {
    let asked = contacts * 7 / 10;
    (asked, contacts - asked)
}

/// Runs a command of the gateway and returns what it has printed.
fn run(gateway: &Path, url: &str, arguments: &[&str]) -> Result<String, Failure> {
    let mut command = Command::new(gateway);
    let output = command.args(arguments).args(["--database-url", url]).stdin(Stdio::null()).output()?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(said(&output.stdout))
    } else {
        Err(format!("{} {} failed: {}", gateway.display(), arguments.join(" "), said(&output.stderr)).into())
    }
}

/// Makes the companies that contacts name, and links them.
async fn link_companies(database: &Database) -> Result<(), Failure> {
    let columns = "org_id, id, external_id, name, name_key, name_fold, website, industry, created_at, updated_at, \
        deleted_at";
    let insert = match database.engine() {
        Engine::Sqlite => format!(
            "INSERT INTO company ({columns}) SELECT org_id, \
             unhex(printf('%012x', min(created_at)) || '7' || substr(hex(randomblob(2)), 2) || '8' \
             || substr(hex(randomblob(8)), 2)), \
             NULL, company, company_key, company_fold, NULL, NULL, min(created_at), min(created_at), NULL \
             FROM contact WHERE company IS NOT NULL GROUP BY org_id, company"
        ),
        Engine::Postgres => format!(
            "INSERT INTO company ({columns}) SELECT DISTINCT ON (org_id, company) org_id, gen_random_uuid(), \
             NULL, company, company_key, company_fold, NULL, NULL, created_at, created_at, NULL \
             FROM contact WHERE company IS NOT NULL ORDER BY org_id, company, created_at"
        ),
    };
    database.run(&insert).await?;
    database
        .run(
            "UPDATE contact SET company_id = (SELECT id FROM company \
             WHERE company.org_id = contact.org_id AND company.name = contact.company) WHERE company IS NOT NULL",
        )
        .await
}
