//! Countries by their codes and by the names people write.

use std::{collections::HashMap, sync::LazyLock};

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// List of countries, one on each line: the alpha-2 code and the English names. The names are the short and
/// the official one of ISO 3166-1, the one of CLDR 48, and other common ones. The list includes Kosovo, for
/// which ISO has no code. Each part of the United Kingdom is one of its names.
const NAMES: &str = include_str!("countries.txt");

/// Codes of countries by the [`key`] of each name.
static CODES: LazyLock<HashMap<String, &str>> = LazyLock::new(|| {
    let lines = NAMES.lines().filter_map(|line| line.split_once(' '));
    let names = lines.flat_map(|(code, names)| names.split('|').map(move |name| (key(name), code)));
    names.collect()
});

/// Returns the ISO 3166-1 alpha-2 code of a country, which is given as alpha-2, alpha-3, `UK` or by an
/// English name.
///
/// Case, accents, articles, punctuation and the order of words do not matter: "Korea (the Republic of)" and
/// "Republic of Korea" are the same. A name of several countries, such as "Korea", is not recognized.
pub(crate) fn country(text: &str) -> Option<String> {
    by_code(text).or_else(|| CODES.get(&key(text)).copied()).map(str::to_owned)
}

fn by_code(text: &str) -> Option<&'static str> {
    let undotted = text.trim().replace('.', "").to_ascii_uppercase();
    // Single letters may have spaces between them, as in "U. S. A.".
    let is_spaced = undotted.split(' ').all(|letter| letter.len() <= 1);
    let code = if is_spaced { undotted.replace(' ', "") } else { undotted };
    match code.as_str() {
        "UK" => Some("GB"),
        "XK" | "XKX" => Some("XK"),
        // The guards below compare bytes, and the length of one character may be two.
        code if !code.is_ascii() => None,
        code if code.len() == 2 => rust_iso3166::from_alpha2(code).map(|country| country.alpha2),
        code if code.len() == 3 => rust_iso3166::from_alpha3(code).map(|country| country.alpha2),
        _ => None,
    }
}

/// Returns the words of a name, folded and in alphabetical order.
fn key(name: &str) -> String {
    let folded: String =
        name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    // These stand within words; all other punctuation separates words.
    let is_within = |c: char| matches!(c, '.' | '\'' | '\u{2019}' | '\u{2bc}' | '`');
    let joined = folded.replace(is_within, "").replace('&', " and ");
    let mut words: Vec<&str> = joined
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !matches!(*word, "" | "the" | "of" | "and"))
        // "St. Kitts" and "Saint Kitts" are both common.
        .map(|word| if word == "st" { "saint" } else { word })
        .collect();
    words.sort_unstable();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_found_by_code_and_by_name() {
        for (code, names) in [
            (
                "US",
                "us|USA|U.S.|U.S.A.|U. S. A.|United States|the United States of America|United States, The|America",
            ),
            (
                "GB",
                "uk|U.K.|GBR|United Kingdom|Great Britain|Britain|England|Scotland|Wales|Northern Ireland",
            ),
            ("DE", " DEU |Germany|Federal Republic of Germany"),
            (
                "KR",
                "South Korea|Korea, Republic of|Republic of Korea|Korea (the Republic of)|Korea, South|ROK",
            ),
            (
                "KP",
                "North Korea|Korea, Democratic People's Republic of|Democratic People\u{2019}s Republic of Korea|DPRK",
            ),
            ("RU", "Russia|Russian Federation|the Russian Federation"),
            ("VN", "Vietnam|Viet Nam"),
            ("CZ", "Czech Republic|The Czech Republic|Czechia"),
            ("NL", "Netherlands|The Netherlands|Netherlands (Kingdom of the)|Holland"),
            ("CI", "Cote d'Ivoire|C\u{f4}te d\u{2019}Ivoire|Ivory Coast|COTE D IVOIRE"),
            ("BO", "Bolivia|Bolivia (Plurinational State of)|Bolivia, Plurinational State of"),
            ("TZ", "Tanzania|Tanzania, United Republic of|United Republic of Tanzania"),
            ("IR", "Iran|Iran (Islamic Republic of)"),
            ("SY", "Syria|Syrian Arab Republic"),
            ("LA", "Laos|Lao PDR|Lao People's Democratic Republic"),
            ("MD", "Moldova|Moldova, Republic of|Moldova (the Republic of)"),
            ("TW", "Taiwan|Taiwan, Province of China|Taiwan (Province of China)"),
            ("PS", "Palestine|State of Palestine|Palestinian Territories|Palestine, State of"),
            ("AE", "UAE|U.A.E.|United Arab Emirates"),
            ("MM", "Burma|Myanmar|Myanmar (Burma)"),
            ("SZ", "Swaziland|Eswatini"),
            ("MK", "Macedonia|North Macedonia|FYROM"),
            ("CV", "Cape Verde|Cabo Verde"),
            ("TL", "East Timor|Timor-Leste|Timor Leste"),
            (
                "CD",
                "DR Congo|D.R. Congo|Congo-Kinshasa|Congo (Kinshasa)|Democratic Republic of the Congo|Congo, The Democratic Republic of the|DRC",
            ),
            ("CG", "Congo|Congo-Brazzaville|Republic of the Congo|Congo (the)"),
            ("TR", "T\u{fc}rkiye|Turkiye|Turkey|Tu\u{308}rkiye"),
            ("VA", "Vatican|Vatican City|Holy See|The Vatican|Holy See (the)"),
            ("XK", "xk|Kosovo|Republic of Kosovo"),
            ("BA", "Bosnia and Herzegovina|Bosnia & Herzegovina|Bosnia-Herzegovina"),
            ("KN", "St. Kitts & Nevis|Saint Kitts and Nevis|St Kitts and Nevis"),
            ("MO", "Macau|Macao|Macao SAR China"),
            ("FM", "Micronesia|Micronesia (Federated States of)"),
            ("CW", "Cura\u{e7}ao|Curacao"),
            ("ST", "S\u{e3}o Tom\u{e9} and Pr\u{ed}ncipe|Sao Tome & Principe"),
            ("AX", "\u{c5}land Islands|Aland Islands"),
            ("VI", "US Virgin Islands|U.S. Virgin Islands|Virgin Islands (U.S.)"),
            ("VG", "British Virgin Islands|Virgin Islands (British)"),
            ("GM", "Gambia|The Gambia"),
            ("IE", "Ireland|Republic of Ireland"),
            ("GE", "Georgia"),
            ("GW", "Guinea-Bissau"),
            ("PG", "Papua New Guinea"),
            ("DO", "Dominican Republic|the Dominican Republic"),
        ] {
            for name in names.split('|') {
                assert_eq!(country(name).as_deref(), Some(code), "{name}");
            }
        }
        for given in
            ["", "XX", "Korea", "Atlantis", "日本", "ß", "Deutschland", "ABCD", "D", "the", "of", "U S X"]
        {
            assert_eq!(country(given), None, "{given}");
        }
    }

    #[test]
    fn every_registered_name_is_recognized_and_belongs_to_one_country() {
        for known in rust_iso3166::ALL {
            for text in [known.name, known.alpha2, known.alpha3] {
                assert_eq!(country(text).as_deref(), Some(known.alpha2), "{text}");
            }
        }
        let mut names = 0;
        for line in NAMES.lines() {
            let (code, all) = line.split_once(' ').expect("a code and names");
            for name in all.split('|') {
                assert_eq!(country(name).as_deref(), Some(code), "{name}");
                names += 1;
            }
        }
        assert_eq!(names, CODES.len(), "a name is listed twice");
    }
}
