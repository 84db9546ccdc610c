//! Made-up tickets: the same for the floor, the mirror and the benches, so that they draw as much.
//!
//! The position alone decides what a ticket holds, whatever there is besides.

#![allow(dead_code, reason = "each program uses what it needs")]

/// How many of the newest tickets wait for an agent.
const WAITING: usize = 500;

/// The titles of the statuses, and their numbers.
pub(crate) const STATUSES: [(i64, &str); 5] =
    [(1, "Open"), (2, "Closed"), (3, "On Hold"), (4, "Answered"), (5, "Customer Replied")];

const SUBJECTS: [&str; 16] = [
    "VPN drops every ten minutes after the update",
    "Invoice shows the wrong VAT number",
    "Cannot log in since this morning",
    "Terminal by the window prints receipts twice",
    "Dashboard numbers differ from the export",
    "Payment link expired before we could use it",
    "Dark mode for the customer portal, and a larger font",
    "Spare part for the label printer",
    "SLA report for February",
    "Two-factor codes arrive late",
    "Bulk import stops in the middle of a row",
    "Add three users to the warehouse team",
    "Annual plan: change of the billing address",
    "Webhook signature does not verify",
    "Wrong opening hours on the status page",
    "Migration weekend: checklist and contacts",
];

const CLIENTS: [&str; 12] = [
    "Brightwater Logistics",
    "Halden & Sons",
    "Nordlys Energi AS",
    "Café Orléans",
    "Quarry Lane Dental",
    "Peregrine Freight",
    "Atelier Blanc",
    "Kestrel Insurance",
    "Saltmarsh Brewery",
    "Oakfield School",
    "Tern Island Ferries",
    "Umber & Pike",
];

const TAGS: [&str; 12] = [
    "vpn", "billing", "vat", "login", "printing", "pos", "feature", "parts", "report", "2fa",
    "import", "api",
];

const SENTENCES: [&str; 10] = [
    "Since the update on Monday it happens several times a day, for all twelve of our drivers.",
    "It works again after a restart, but never for longer than an hour.",
    "Is there anything that we can try before the night shift begins?",
    "We have reinstalled it on two laptops and tried another access point, without luck.",
    "The log says that the connection was closed by the other side.",
    "Could somebody call us back this afternoon? Our number is in the signature.",
    "Thank you for the quick answer, that helped with one of the three.",
    "I have attached a picture of what the screen says at that moment.",
    "Accounting waits for this, and the month ends on Friday.",
    "The export has the right numbers, the page in the portal does not.",
];

/// What a row of the list is made of.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    pub(crate) id: i64,
    pub(crate) subject: &'static str,
    pub(crate) client: usize,
    /// A position in [`STATUSES`].
    pub(crate) status: usize,
    /// 0 is normal, 1 high, 2 urgent.
    pub(crate) priority: usize,
    pub(crate) tags: Vec<&'static str>,
    /// How many minutes ago it last changed.
    pub(crate) minutes: i64,
    pub(crate) replies: u32,
}

/// The ticket at position `at` of `of`, the newest first.
pub(crate) fn sketch(at: usize, of: usize) -> Sketch {
    let mut random = fastrand::Rng::with_seed(at as u64);
    // Neighbours have much in common: one client writes twice, one agent answers several in a row.
    let shared = |alike: usize| fastrand::Rng::with_seed((at / alike) as u64);
    let waits = at < WAITING;
    let status = if waits { [0, 4][shared(4).usize(..2)] } else { shared(4).usize(1..4) };
    let tagged = random.usize(..5).saturating_sub(2);
    let tags = (0..tagged).map(|_| TAGS[random.usize(..TAGS.len())]).collect();
    Sketch {
        id: (of - at) as i64,
        subject: SUBJECTS[random.usize(..SUBJECTS.len())],
        client: shared(2).usize(..CLIENTS.len()),
        status,
        priority: random.usize(..6).saturating_sub(3),
        tags,
        minutes: 5 + 7 * at as i64,
        replies: 0,
    }
}

/// The name of a client.
pub(crate) fn client(position: usize) -> &'static str {
    CLIENTS[position]
}

/// The paragraphs of the message of the ticket at this position: as much as a pane shows.
pub(crate) fn message(at: usize) -> Vec<String> {
    let mut random = fastrand::Rng::with_seed(!(at as u64));
    let sentences = |random: &mut fastrand::Rng| {
        let some: Vec<&str> = (0..4).map(|_| SENTENCES[random.usize(..SENTENCES.len())]).collect();
        some.join(" ")
    };
    (0..4).map(|_| sentences(&mut random)).collect()
}
