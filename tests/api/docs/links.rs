//! Links between pages lead somewhere.

use std::path::Path;

use crate::support::pages::{Page, names, root};

/// Pages beside those that are run.
const OTHER_PAGES: [&str; 4] = ["ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];

/// Returns the targets of a page's links and pictures.
fn targets(page: &Page) -> Vec<&str> {
    let lines = page.prose().into_iter();
    lines.flat_map(|line| line.split("](").skip(1)).filter_map(|rest| rest.split(')').next()).collect()
}

/// Returns the anchors of a page's headings: lower case, hyphens for blanks, no punctuation.
fn anchors(page: &Page) -> Vec<String> {
    let headings = page.prose().into_iter().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        text.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let names = names().into_iter().chain(OTHER_PAGES.map(str::to_owned));
    let mut count = 0;
    for page in names.map(|name| Page::read(&name)) {
        let folder = Path::new(&page.name).parent().expect("a folder");
        for target in targets(&page).into_iter().filter(|target| !target.starts_with("https://")) {
            count += 1;
            let (file, anchor) = target.split_once('#').map_or((target, None), |(file, it)| (file, Some(it)));
            let file = if file.is_empty() { page.name.clone().into() } else { folder.join(file) };
            assert!(root().join(&file).is_file(), "{} links to {target}", page.name);
            if let Some(anchor) = anchor {
                let linked = Page::read(file.to_str().expect("UTF-8"));
                assert!(anchors(&linked).iter().any(|it| it == anchor), "{} links to {target}", page.name);
            }
        }
    }
    assert!(count > 20, "{count} links");
}
