//! Random contacts: people who do not exist.

use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};

use crate::{
    contacts::{ContactDraft, TextFields},
    input::patch::Patch,
};

const FIRST_NAMES: &[&str] = &[
    "Aaliyah",
    "Adam",
    "Aiko",
    "Alejandro",
    "Amara",
    "Ana",
    "Anders",
    "Björn",
    "Chiara",
    "Chen",
    "Chloé",
    "Daniel",
    "Diego",
    "Elena",
    "Emeka",
    "Emma",
    "Fatima",
    "Felix",
    "Grace",
    "Hana",
    "Hugo",
    "Ines",
    "Ivan",
    "Jane",
    "João",
    "Kofi",
    "Lars",
    "Leila",
    "Liam",
    "Lucía",
    "Maya",
    "Mei",
    "Mohamed",
    "Nina",
    "Noah",
    "Olga",
    "Oscar",
    "Priya",
    "Quinn",
    "Rosa",
    "Samir",
    "Sara",
    "Søren",
    "Tariq",
    "Thandi",
    "Uma",
    "Valeria",
    "Wei",
    "Yara",
    "Zoe",
];

const LAST_NAMES: &[&str] = &[
    "Adeyemi",
    "Andersson",
    "Bauer",
    "Bianchi",
    "Brown",
    "Castro",
    "Chen",
    "Cohen",
    "Costa",
    "Diaz",
    "Doe",
    "Dubois",
    "Eriksen",
    "Evans",
    "Fischer",
    "García",
    "Gupta",
    "Haddad",
    "Hansen",
    "Ito",
    "Ivanov",
    "Jones",
    "Kim",
    "Kowalski",
    "Kumar",
    "Larsen",
    "Lee",
    "Lopez",
    "Martin",
    "Mbeki",
    "Meyer",
    "Müller",
    "Nakamura",
    "Nguyen",
    "Novak",
    "O'Brien",
    "Okafor",
    "Papadopoulos",
    "Patel",
    "Petrov",
    "Rossi",
    "Santos",
    "Schmidt",
    "Silva",
    "Smith",
    "Tanaka",
    "Tremblay",
    "van Dijk",
    "Williams",
    "Öztürk",
];

const COMPANY_NAMES: &[&str] = &[
    "Acme",
    "Alder",
    "Beacon",
    "Blue Harbor",
    "Cedar",
    "Cobalt",
    "Delta",
    "Ember",
    "Fjord",
    "Granite",
    "Harvest",
    "Indigo",
    "Juniper",
    "Kestrel",
    "Lumen",
    "Maple",
    "Nimbus",
    "Orchard",
    "Pioneer",
    "Quartz",
    "Ridge",
    "Summit",
    "Tidal",
    "Umbra",
    "Vertex",
    "Willow",
];

const COMPANY_KINDS: &[&str] =
    &["Inc", "Labs", "Partners", "Logistics", "Health", "Foods", "Energy", "Studio", "Bank"];

const JOB_TITLES: &[&str] = &[
    "Account Executive",
    "Buyer",
    "Chief Executive Officer",
    "Customer Success Manager",
    "Data Analyst",
    "Head of Growth",
    "Head of Operations",
    "Marketing Manager",
    "Office Manager",
    "Product Manager",
    "Sales Director",
    "Software Engineer",
];

const INDUSTRIES: &[&str] =
    &["Software", "Retail", "Health", "Finance", "Education", "Manufacturing", "Media"];

/// City, country, time zone, dialling code, and the number of digits after it.
const CITIES: &[(&str, &str, &str, &str, u32)] = &[
    ("Toronto", "CA", "America/Toronto", "+1416", 7),
    ("New York", "US", "America/New_York", "+1212", 7),
    ("San Francisco", "US", "America/Los_Angeles", "+1415", 7),
    ("London", "GB", "Europe/London", "+4420", 8),
    ("Berlin", "DE", "Europe/Berlin", "+4930", 8),
    ("Paris", "FR", "Europe/Paris", "+331", 8),
    ("São Paulo", "BR", "America/Sao_Paulo", "+55119", 8),
    ("Lagos", "NG", "Africa/Lagos", "+234803", 7),
    ("Mumbai", "IN", "Asia/Kolkata", "+9198", 8),
    ("Tokyo", "JP", "Asia/Tokyo", "+8190", 8),
    ("Sydney", "AU", "Australia/Sydney", "+614", 8),
];

const TAGS: &[&str] =
    &["lead", "customer", "newsletter", "vip", "partner", "trial", "event-2026", "churned", "press"];

/// Statuses, the more frequent ones several times.
const STATUSES: &[&str] = &["active", "active", "active", "active", "unsubscribed", "bounced"];

const SOURCES: &[&str] = &["api", "import", "form", "referral", "event"];

/// Returns one person: the same for the same random state, seed and number. The address is unique, because
/// it contains seed and number.
pub(super) fn draft(random: &mut StdRng, seed: u64, number: u64) -> ContactDraft {
    let first = pick(random, FIRST_NAMES);
    let last = random.random_bool(0.95).then(|| pick(random, LAST_NAMES));
    let company = random
        .random_bool(0.85)
        .then(|| format!("{} {}", pick(random, COMPANY_NAMES), pick(random, COMPANY_KINDS)));
    let (city, country, timezone, code, digits) = *CITIES.choose(random).unwrap_or(&CITIES[0]);
    let domain = company.as_deref().map_or_else(|| "mail".to_owned(), letters);
    let user = format!("{}.{}", letters(first), letters(last.unwrap_or("x")));
    let subscriber = random.random_range(10_u64.pow(digits - 1)..10_u64.pow(digits));
    let tags = TAGS.iter().filter(|_| random.random_bool(0.2)).map(|tag| (*tag).to_owned()).collect();
    ContactDraft {
        texts: TextFields {
            first_name: Patch::Value(first.to_owned()),
            last_name: last.map(str::to_owned).into(),
            company: company.into(),
            job_title: Patch::Value(pick(random, JOB_TITLES).to_owned()),
            industry: Patch::Value(pick(random, INDUSTRIES).to_owned()),
            city: Patch::Value(city.to_owned()),
            country: Patch::Value(country.to_owned()),
            timezone: Patch::Value(timezone.to_owned()),
            external_id: Patch::Value(format!("demo-{seed}-{number}")),
            ..TextFields::default()
        },
        score: random.random_bool(0.7).then(|| random.random_range(0..=100)).into(),
        email: Patch::Value(format!("{user}.{seed}-{number}@{domain}.example")),
        phone: Patch::Value(format!("{code}{subscriber}")),
        tags: Patch::Value(tags),
        status: Patch::Value(pick(random, STATUSES).to_owned()),
        source: Patch::Value(pick(random, SOURCES).to_owned()),
        ..ContactDraft::default()
    }
}

/// Returns a random one of the texts.
fn pick<'a>(random: &mut StdRng, of: &[&'a str]) -> &'a str {
    of.choose(random).copied().unwrap_or_default()
}

/// Returns the letters and digits of a text in ASCII, for an address.
fn letters(text: &str) -> String {
    any_ascii::any_ascii(text).to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect()
}
