//! AWS's connector for sqlx, and tokio-postgres with a token of AWS's SDK. Prints what they saw as JSON.

use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

use aurora_dsql_sqlx_connector::{connection, is_occ_error, pool, retry_on_occ, OCCRetryConfig};
use aws_sdk_dsql::auth_token::{AuthTokenGenerator, Config};
use rustls::pki_types::{pem::PemObject, CertificateDer};
use serde_json::{json, Value};
use sqlx::Connection;
use tokio_postgres_rustls::MakeRustlsConnect;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let host = std::env::args().nth(1).ok_or("usage: clients HOST")?;
    println!("{}", json!({
        "connector": connector(&host).await?,
        "pool": connector_pool(&host).await?,
        "tokio-postgres": tokio_postgres_client(&host).await?,
    }));
    Ok(())
}

async fn connector(host: &str) -> Outcome<Value> {
    let url = format!("postgres://admin@{host}/postgres");
    let mut first = connection::connect(&url).await?;
    let mut second = connection::connect(&url).await?;
    let (user, total): (String, i32) = sqlx::query_as("SELECT current_user::text, $1::int + 1")
        .bind(1)
        .fetch_one(&mut first)
        .await?;

    sqlx::query("CREATE TABLE rust_counters (id int PRIMARY KEY, value int)").execute(&mut first).await?;
    sqlx::query("INSERT INTO rust_counters VALUES (1, 0)").execute(&mut first).await?;
    let mut transaction = first.begin().await?;
    sqlx::query("UPDATE rust_counters SET value = 1").execute(&mut *transaction).await?;
    sqlx::query("UPDATE rust_counters SET value = 2").execute(&mut second).await?;
    let conflict = match transaction.commit().await {
        Err(error) => is_occ_error(&error).map(|(kind, code)| format!("{kind:?} {code}")),
        Ok(()) => None,
    };
    Ok(json!({"user": user, "total": total, "conflict": conflict}))
}

/// The connector's retry: what conflicts the first time is done the second time.
async fn connector_pool(host: &str) -> Outcome<Value> {
    let pool = pool::connect(&format!("postgres://admin@{host}/postgres")).await?;
    let tries = AtomicU32::new(0);
    let value: i32 = retry_on_occ(&OCCRetryConfig::default(), || async {
        let mut transaction = pool.begin().await?;
        let (value,) = sqlx::query_as("UPDATE rust_counters SET value = value + 1 RETURNING value")
            .fetch_one(&mut *transaction)
            .await?;
        if tries.fetch_add(1, Ordering::Relaxed) == 0 {
            sqlx::query("UPDATE rust_counters SET value = value + 10").execute(&pool).await?;
        }
        transaction.commit().await?;
        Ok(value)
    })
    .await?;
    pool.close().await;
    Ok(json!({"tries": tries.into_inner(), "value": value}))
}

async fn tokio_postgres_client(host: &str) -> Outcome<Value> {
    let region = host.split('.').nth(2).ok_or("the host's name has no Region")?.to_string();
    let configuration = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new(region))
        .load()
        .await;
    let token = AuthTokenGenerator::new(Config::builder().hostname(host).build()?)
        .db_connect_admin_auth_token(&configuration)
        .await?;

    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(std::env::var("PGSSLROOTCERT")?)? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();

    let (client, traffic) = tokio_postgres::Config::new()
        .host(host)
        .user("admin")
        .password(token.as_str())
        .dbname("postgres")
        .ssl_mode(tokio_postgres::config::SslMode::Require)
        .connect(MakeRustlsConnect::new(tls))
        .await?;
    let traffic = tokio::spawn(traffic);
    let row = client.query_one("SELECT current_user::text, $1::int + 1", &[&1_i32]).await?;
    let seen = json!({"user": row.get::<_, String>(0), "total": row.get::<_, i32>(1)});
    drop(client);
    traffic.await??;
    Ok(seen)
}
