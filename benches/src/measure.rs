//! Measuring: each target in turn, several times.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::{
    cluster::Cluster,
    failure::Failure,
    load::Load,
    options::{Gateway, Options},
    report::say,
    store::{Samples, Store},
    target::{Target, has_cache},
    workload::{Deep, Requests, Workload},
};

/// Figures of one run, or their medians.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Figures {
    pub(crate) requests_per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) server_cpu_ms: f64,
    pub(crate) database_cpu_ms: Option<f64>,
    pub(crate) statements: Option<f64>,
    pub(crate) memory_mib: f64,
    pub(crate) peak_memory_mib: f64,
    pub(crate) errors: u64,
}

/// Figures of a target in a workload.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) engine: &'static str,
    pub(crate) contacts: u64,
    pub(crate) connections: usize,
    pub(crate) workload: &'static str,
    pub(crate) target: String,
    pub(crate) is_limit: bool,
    pub(crate) median: Figures,
    /// Median ratio of requests per second to each limit in the same round.
    pub(crate) ratios: BTreeMap<String, f64>,
    runs: Vec<Figures>,
}

/// Everything that a run needs.
pub(crate) struct Lab<'a> {
    pub(crate) options: &'a Options,
    pub(crate) cluster: Option<&'a Cluster>,
    pub(crate) store: &'a Store,
    pub(crate) samples: &'a Samples,
    pub(crate) deep: &'a Deep,
    pub(crate) contacts: u64,
}

impl Lab<'_> {
    /// Measures all workloads with this number of connections.
    pub(crate) async fn measure(&self, connections: usize) -> Result<Vec<Measured>, Failure> {
        let mut all = Vec::new();
        for workload in self.options.workloads() {
            let targets = self.targets(*workload)?;
            if targets.iter().all(Target::is_limit) {
                say("WU: the gateway has no memory of answers");
                continue;
            }
            let mut runs = vec![Vec::new(); targets.len()];
            for _ in 0..self.options.rounds {
                for (target, runs) in targets.iter().zip(&mut runs) {
                    runs.push(self.run(target, *workload, connections).await?);
                    if workload.creates() > 0 {
                        self.store.trim().await?;
                    }
                }
            }
            all.extend(self.medians(*workload, connections, &targets, runs));
        }
        Ok(all)
    }

    fn targets(&self, workload: Workload) -> Result<Vec<Target>, Failure> {
        let mut targets = Target::limits(self.store.engine, self.options.limit_connections);
        for build in &self.options.gateway {
            let cached = workload == Workload::Wu;
            if !cached || has_cache(build)? {
                targets.push(Target::Gateway { build: Gateway::clone(build), cached });
            }
        }
        if workload != Workload::Wu {
            targets.extend(Target::mercurius(self.options, self.store.engine));
        }
        Ok(targets)
    }

    async fn run(&self, target: &Target, workload: Workload, connections: usize) -> Result<Figures, Failure> {
        let server = target.start(self.store).await?;
        let key = &self.store.filled.key;
        let nonce = format!("{:x}", server.process.id()) + &format!("{:x}", unique());
        let values = (self.samples, self.deep);
        let requests = Requests::new(workload, target.dialect(), server.port, key, nonce, values);
        let load = Load::start(server.port, &Arc::new(requests), connections)?;
        let seconds = Duration::from_secs_f64(self.options.seconds);
        tokio::time::sleep(target.min_warm_up().max(seconds / 4)).await;
        let before = self.snapshot(&server).await?;
        tokio::time::sleep(seconds).await;
        let after = self.snapshot(&server).await?;
        let memory = server.process.memory()?;
        let answers = tokio::task::block_in_place(|| load.stop());
        if let Some(error) = &answers.first_error {
            say(&format!("{} {}: {error}", workload.name(), target.name()));
        }
        if workload.creates() > 0 && answers.errors == 0 {
            self.check_created(answers.times.len() * workload.creates()).await?;
        }
        let within = |(at, _): &&(Instant, Duration)| *at >= before.at && *at < after.at;
        let mut times: Vec<Duration> = answers.times.iter().filter(within).map(|(_, time)| *time).collect();
        times.sort_unstable();
        let count = number(times.len()).max(1.0);
        let per_request = |from: Duration, to: Duration| to.saturating_sub(from).as_secs_f64() * 1e3 / count;
        let quantile = |part: usize| {
            times.get((times.len() * part / 100).min(times.len().saturating_sub(1))).map_or(0.0, milliseconds)
        };
        let statements = before.statements.zip(after.statements).map(|(from, to)| (to - from) / count);
        Ok(Figures {
            requests_per_second: number(times.len()) / (after.at - before.at).as_secs_f64(),
            p50_ms: quantile(50),
            p99_ms: quantile(99),
            server_cpu_ms: per_request(before.cpu, after.cpu),
            database_cpu_ms: before
                .database_cpu
                .zip(after.database_cpu)
                .map(|(from, to)| per_request(from, to)),
            statements: if target.is_limit() { workload.statements(self.store.engine) } else { statements },
            memory_mib: mib(memory.now),
            peak_memory_mib: mib(memory.peak),
            errors: answers.errors,
        })
    }

    /// Checks that as many contacts exist as were answered as created.
    async fn check_created(&self, answered: usize) -> Result<(), Failure> {
        let created = self.store.created().await?;
        if usize::try_from(created) == Ok(answered) {
            return Ok(());
        }
        Err(format!("{answered} contacts were answered as created, and {created} exist").into())
    }

    async fn snapshot(&self, server: &crate::target::Server) -> Result<Snapshot, Failure> {
        Ok(Snapshot {
            statements: server.statements().await?,
            cpu: server.process.cpu()?,
            database_cpu: self.cluster.map(Cluster::cpu).transpose()?.flatten(),
            at: Instant::now(),
        })
    }

    fn medians(
        &self,
        workload: Workload,
        connections: usize,
        targets: &[Target],
        runs: Vec<Vec<Figures>>,
    ) -> Vec<Measured> {
        let limits: Vec<(String, Vec<f64>)> = targets
            .iter()
            .zip(&runs)
            .filter(|(target, _)| target.is_limit())
            .map(|(target, runs)| (target.name(), runs.iter().map(rate).collect()))
            .collect();
        // Within a round, a machine that is busy with something else slows all targets down.
        let ratio = |runs: &[Figures], limit: &[f64]| {
            middle(runs.iter().zip(limit).map(|(figures, limit)| rate(figures) / limit).collect())
        };
        let measured = targets.iter().zip(runs).map(|(target, runs)| Measured {
            engine: self.store.engine.name(),
            contacts: self.contacts,
            connections,
            workload: workload.name(),
            target: target.name(),
            is_limit: target.is_limit(),
            ratios: limits
                .iter()
                .filter_map(|(name, limit)| Some((name.clone(), ratio(&runs, limit)?)))
                .collect(),
            median: median(&runs),
            runs,
        });
        measured.collect()
    }
}

struct Snapshot {
    at: Instant,
    cpu: Duration,
    database_cpu: Option<Duration>,
    statements: Option<f64>,
}

/// Returns a number that no other run has.
fn unique() -> u128 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.unwrap_or_default().as_millis()
}

/// Returns the median; `None` of nothing.
fn middle(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len() % 2 == 1 { upper } else { values[middle - 1].midpoint(upper) })
}

fn rate(figures: &Figures) -> f64 {
    figures.requests_per_second.max(f64::MIN_POSITIVE)
}

fn median(runs: &[Figures]) -> Figures {
    let of = |figure: fn(&Figures) -> Option<f64>| middle(runs.iter().filter_map(figure).collect());
    let all = |figure| of(figure).unwrap_or_default();
    Figures {
        requests_per_second: all(|figures| Some(figures.requests_per_second)),
        p50_ms: all(|figures| Some(figures.p50_ms)),
        p99_ms: all(|figures| Some(figures.p99_ms)),
        server_cpu_ms: all(|figures| Some(figures.server_cpu_ms)),
        database_cpu_ms: of(|figures| figures.database_cpu_ms),
        statements: of(|figures| figures.statements),
        memory_mib: all(|figures| Some(figures.memory_mib)),
        peak_memory_mib: all(|figures| Some(figures.peak_memory_mib)),
        errors: runs.iter().map(|figures| figures.errors).sum(),
    }
}

fn milliseconds(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn mib(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) / 1024.0
}
