//! The texts that the seed is made of.

use serde::Deserialize;

const SCENARIOS: [&str; 5] = [
    include_str!("../../../assets/seed/support.toml"),
    include_str!("../../../assets/seed/billing.toml"),
    include_str!("../../../assets/seed/sales.toml"),
    include_str!("../../../assets/seed/domains.toml"),
    include_str!("../../../assets/seed/security.toml"),
];
const COMMON: &str = include_str!("../../../assets/seed/common.toml");
const ODD: &str = include_str!("../../../assets/seed/odd.toml");
const PEOPLE: &str = include_str!("../../../assets/seed/people.toml");

/// All of them.
#[derive(Debug)]
pub(in crate::sandbox) struct Texts {
    pub(in crate::sandbox) scenarios: Vec<Scenario>,
    pub(in crate::sandbox) common: Common,
    pub(super) odd: Vec<Odd>,
    pub(in crate::sandbox) people: People,
}

/// Why a customer writes, and how the conversation goes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sandbox) struct Scenario {
    #[serde(skip)]
    pub(in crate::sandbox) department: i64,
    pub(in crate::sandbox) subject: String,
    pub(in crate::sandbox) message: String,
    #[serde(default = "normal")]
    pub(super) priority: String,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    pub(super) agent: Vec<String>,
    pub(super) customer: Vec<String>,
    #[serde(default)]
    pub(super) note: Vec<String>,
}

fn normal() -> String {
    "normal".to_owned()
}

/// Texts that fit any conversation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sandbox) struct Common {
    pub(in crate::sandbox) customer: Vec<String>,
    pub(super) agent: Vec<String>,
    pub(super) hold: Vec<String>,
    pub(super) supplier: Vec<String>,
    pub(super) closing: Vec<String>,
    pub(super) note: Vec<String>,
}

/// A mail that is hard to show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Odd {
    pub(super) subject: String,
    pub(super) message: String,
    pub(super) sender: String,
    #[serde(default)]
    pub(super) no_department: bool,
}

/// Who there is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sandbox) struct People {
    pub(super) statuses: Vec<(i64, String)>,
    pub(super) departments: Vec<(i64, String)>,
    pub(super) other_categories: Vec<(i64, String, String)>,
    pub(super) team: Vec<String>,
    pub(super) former_member: String,
    pub(super) companies: Vec<(String, String)>,
    pub(super) first_names: Vec<String>,
    pub(super) last_names: Vec<String>,
    pub(super) projects: Vec<String>,
    pub(in crate::sandbox) strangers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioFile {
    department: i64,
    scenario: Vec<Scenario>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OddFile {
    odd: Vec<Odd>,
}

impl Texts {
    /// Reads them from the program itself.
    pub(in crate::sandbox) fn load() -> Result<Self, toml::de::Error> {
        let mut scenarios = Vec::new();
        for text in SCENARIOS {
            let file: ScenarioFile = toml::from_str(text)?;
            scenarios.extend(
                file.scenario
                    .into_iter()
                    .map(|scenario| Scenario { department: file.department, ..scenario }),
            );
        }
        Ok(Self {
            scenarios,
            common: toml::from_str(COMMON)?,
            odd: toml::from_str::<OddFile>(ODD)?.odd,
            people: toml::from_str(PEOPLE)?,
        })
    }
}
