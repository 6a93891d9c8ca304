//! tokio-postgres: several connections, each of which takes statements without waiting for answers.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::mpsc;
use tokio_postgres::{Client, NoTls, Row, Statement, types::ToSql};
use uuid::Uuid;

use super::{
    create::{Created, POSTGRES, Values, answer_all, next_group, now_ms},
    json::{Cells, Related},
    sql::{COMPANIES, CONTACTS, PHONES, Read},
    written,
};
use crate::{columns::EIGHT_AND_TAGS, failure::Failure};

pub(super) struct Readers {
    organization: Uuid,
    connections: Vec<Reader>,
    turn: AtomicUsize,
}

struct Reader {
    client: Client,
    statements: Vec<Statement>,
    contacts: Statement,
    phones: Statement,
    companies: Statement,
}

impl Readers {
    pub(super) async fn connect(url: &str, organization: Uuid, readers: usize) -> Result<Self, Failure> {
        let mut connections = Vec::new();
        for _ in 0..readers {
            let client = connect(url).await?;
            let mut statements = Vec::new();
            for read in Read::ALL {
                statements.push(client.prepare(read.sql()).await?);
            }
            let contacts = client.prepare(&CONTACTS).await?;
            let phones = client.prepare(&PHONES).await?;
            let companies = client.prepare(&COMPANIES).await?;
            connections.push(Reader { client, statements, contacts, phones, companies });
        }
        Ok(Self { organization, connections, turn: AtomicUsize::new(0) })
    }

    pub(super) async fn read(&self, read: Read) -> Result<Vec<u8>, Failure> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        let reader = &self.connections[turn];
        let Reader { client, statements, .. } = reader;
        let org: &(dyn ToSql + Sync) = &self.organization;
        let statement = &statements[read.index()];
        let rows = match &read {
            Read::Page => client.query(statement, &[org]).await,
            Read::Related => return Ok(reader.related(self.organization).await?),
            Read::One(id) => client.query(statement, &[org, id]).await,
            Read::Poll(since) => client.query(statement, &[org, since]).await,
            Read::Deep(at, seq) => client.query(statement, &[org, at, seq]).await,
        };
        Ok(written(read, &rows?))
    }
}

impl Reader {
    /// Reads a page, then phones and companies at once.
    async fn related(&self, organization: Uuid) -> Result<Vec<u8>, tokio_postgres::Error> {
        const COMPANY_AT: usize = EIGHT_AND_TAGS.len();
        let Self { client, contacts, phones, companies, .. } = self;
        let contacts = client.query(contacts, &[&organization]).await?;
        let ids: Vec<Uuid> = contacts.iter().filter_map(|row| row.id(0)).collect();
        let mut company_ids: Vec<Uuid> = contacts.iter().filter_map(|row| row.id(COMPANY_AT)).collect();
        company_ids.sort_unstable();
        company_ids.dedup();
        let (phones, companies) = futures_util::future::try_join(
            client.query(phones, &[&organization, &ids]),
            client.query(companies, &[&organization, &company_ids]),
        )
        .await?;
        let mut phones_of: HashMap<Option<Uuid>, Vec<&Row>> = HashMap::with_capacity(ids.len());
        for phone in &phones {
            phones_of.entry(phone.id(0)).or_default().push(phone);
        }
        let companies: HashMap<Uuid, &Row> =
            companies.iter().filter_map(|company| Some((company.id(0)?, company))).collect();
        let mut list = Related::new();
        for row in &contacts {
            let company = row.id(COMPANY_AT).and_then(|id| companies.get(&id));
            list.contact(row, company.map(|row| (*row, 0)));
            for phone in phones_of.get(&row.id(0)).into_iter().flatten() {
                list.phone(*phone, 1);
            }
        }
        Ok(list.finish())
    }
}

async fn connect(url: &str) -> Result<Client, Failure> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

impl Cells for Row {
    fn id(&self, index: usize) -> Option<Uuid> {
        self.get(index)
    }

    fn text(&self, index: usize) -> Option<&str> {
        self.get(index)
    }

    fn int(&self, index: usize) -> Option<i32> {
        self.get(index)
    }

    fn flag(&self, index: usize) -> Option<bool> {
        self.get(index)
    }

    fn time(&self, index: usize) -> Option<i64> {
        self.get(index)
    }
}

/// Starts the writer: one statement, and so one commit, for all creates that wait.
pub(super) async fn start_writer(
    url: &str,
    organization: Uuid,
    mut queue: mpsc::Receiver<Created>,
) -> Result<(), Failure> {
    let client = Arc::new(connect(url).await?);
    let statement = client.prepare(&POSTGRES).await?;
    tokio::spawn(async move {
        while let Some(mut group) = next_group(&mut queue).await {
            let values = group.take_values(false);
            answer_all(group.callers, &write(&client, &statement, organization, &values).await);
        }
    });
    Ok(())
}

async fn write(
    client: &Client,
    statement: &Statement,
    organization: Uuid,
    values: &[Values],
) -> Result<(), Failure> {
    let ids = |of: fn(&Values) -> Uuid| values.iter().map(of).collect::<Vec<_>>();
    let texts = |of: fn(&Values) -> &str| values.iter().map(of).collect::<Vec<_>>();
    let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
    let parameters: [&(dyn ToSql + Sync); 15] = [
        &organization,
        &count,
        &now_ms(),
        &ids(|values| values.id),
        &ids(|values| values.phone_id),
        &ids(|values| values.email_id),
        &texts(|values| &values.external_id),
        &texts(|values| &values.first_name),
        &texts(|values| &values.last_name),
        &texts(|values| &values.email),
        &texts(|values| &values.phone),
        &texts(|values| &values.tags),
        &texts(|values| &values.first_name_fold),
        &texts(|values| &values.last_name_fold),
        &texts(|values| &values.doc),
    ];
    client.execute(statement, &parameters).await?;
    Ok(())
}
