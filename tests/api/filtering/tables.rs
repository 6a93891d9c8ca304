//! The table of documents, and the migration that makes it.

use sea_orm::{ConnectOptions, ConnectionTrait as _, IdenStatic as _, Iterable as _};

use crate::support::{
    App,
    engine::{TestDatabase, on_each_engine},
};

on_each_engine! {
    async fn the_entity_names_the_columns_of_the_table(app: App) {
        let columns: Vec<_> = entity::contact_search::Column::iter().map(|column| column.as_str().to_owned()).collect();
        app.raw_execute(&format!("SELECT {} FROM contact_search", columns.join(", "))).await;
    }

    async fn the_migration_goes_up_and_down_and_up(database: TestDatabase) {
        let connection = sea_orm::Database::connect(ConnectOptions::new(&database.url).sqlx_logging(false).to_owned()).await.expect("a connection");
        migration::down(&connection).await.expect("down");
        assert!(connection.execute_unprepared("SELECT * FROM contact_search").await.is_err());
        migration::up(&connection).await.expect("up");
        connection.execute_unprepared("SELECT * FROM contact_search").await.expect("the table");
    }
}
