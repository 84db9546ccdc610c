//! How the console looks: the roles that colours have, and the colours that a theme gives them.
//!
//! `every_role` is the one list of the roles. Themes and the configuration name colours by role, and
//! the styles of the console are made of the list.

/// Calls a macro with a line for each role: its field among the styles, its variant, what it is for, its
/// sign in a theme's colours, its colour and its sign among the sixteen colours of a terminal, and its
/// sign without colours. A sign or a word on screen always repeats the meaning of a colour.
macro_rules! every_role {
    ($then:ident) => {
        $then! {
            strong Strong "titles, names, what matters in its line": Bold, None Bold, Bold;
            quiet Quiet "labels, ages, remarks": Plain, None Dim, Dim;
            faint Faint "rules and frames without the focus": Plain, None Dim, Dim;
            accent Accent "the focused pane's rule, keys, counts": Plain, (4) Plain, Bold;
            good Good "what went well": Plain, (2) Plain, Plain;
            warning Warning "what needs attention": Plain, (3) Plain, Bold;
            danger Danger "what failed, or can't be taken back": Plain, (1) Plain, Bold;
            selected Selected "the row under the cursor, and the open tab": Plain, None Reversed, Reversed;
            resting Resting "the row under the cursor of a pane without the focus": Bold, None Bold, Bold;
            customer Customer "what a customer wrote": Plain, (5) Plain, Plain;
            agent Agent "what an agent wrote for the customer to read": Plain, (6) Plain, Plain;
            note Note "notes, which only colleagues read": Plain, (3) Plain, Bold;
            note_badge NoteBadge "the word NOTE, as a block": Bold, (3) Block, Block;
            code Code "code": Plain, (6) Plain, Bold;
            link Link "links": Underlined, (4) Underlined, Underlined;
            quote Quote "quotes of earlier mail": Plain, None Dim, Dim;
            status_open StatusOpen "the status Open": Plain, (4) Plain, Plain;
            status_closed StatusClosed "the status Closed": Plain, None Dim, Dim;
            status_on_hold StatusOnHold "the status On Hold": Plain, (3) Plain, Plain;
            status_answered StatusAnswered "the status Answered": Plain, (2) Plain, Plain;
            status_customer_replied StatusCustomerReplied "the status Customer Replied": Plain, (5) Plain, Plain;
            status_other StatusOther "every other status": Plain, (6) Plain, Plain;
            wait_warning WaitWarning "a wait above `wait_warn_minutes`": Plain, (3) Plain, Bold;
            wait_alarm WaitAlarm "a wait above `wait_alarm_minutes`": Plain, (1) Plain, Underlined;
            person_1 Person1 "an author's name, the first of six colours": Plain, (5) Plain, Plain;
            person_2 Person2 "an author's name, the second of six": Plain, (6) Plain, Plain;
            person_3 Person3 "an author's name, the third of six": Plain, (2) Plain, Plain;
            person_4 Person4 "an author's name, the fourth of six": Plain, (4) Plain, Plain;
            person_5 Person5 "an author's name, the fifth of six": Plain, (3) Plain, Plain;
            person_6 Person6 "an author's name, the last of six": Plain, (1) Plain, Plain;
            new New "what is new since the last look": Plain, (5) Bold, Bold;
            bar Bar "bars of a chart": Plain, (4) Plain, Plain;
            opened Opened "tickets that were opened, in a chart": Plain, (3) Plain, Plain;
            closed Closed "tickets that were closed, in a chart": Plain, (2) Plain, Dim;
            card Card "the frame of a card on the board": Plain, None Dim, Dim;
        }
    };
}
pub(crate) use every_role;

/// What a run of text has besides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Nothing.
    Plain,
    /// Bold.
    Bold,
    /// Dim.
    Dim,
    /// Underlined.
    Underlined,
    /// Text and ground change places.
    Reversed,
    /// Bold, and text and ground change places.
    Block,
}

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tint {
    /// The terminal's own.
    Default,
    /// One of xterm's 256. The first sixteen are those of the terminal's theme.
    Numbered(u8),
    /// Red, green and blue.
    Rgb(u8, u8, u8),
}

/// The names of the sixteen colours of a terminal, by their numbers.
pub const TINTS: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

/// The colours of a role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    /// The colour of its text.
    pub text: Option<Tint>,
    /// The ground under its text, if it is a block.
    pub block: Option<Tint>,
}

/// Whether a terminal shows light text on a dark ground, or dark text on a light one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Light text on a dark ground.
    Dark,
    /// Dark text on a light ground.
    Light,
}

macro_rules! roles {
    ($($field:ident $role:ident $purpose:literal: $sign:ident, $tint:tt $few:ident, $none:ident;)*) => {
        /// What a colour means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Role {
            $(#[doc = $purpose] $role,)*
        }

        impl Role {
            /// All of them, in the order of the list.
            pub const ALL: &[Self] = &[$(Self::$role),*];

            /// Its name in the configuration.
            pub fn name(self) -> &'static str {
                match self { $(Self::$role => stringify!($field),)* }
            }

            /// What it is for, in words.
            pub fn purpose(self) -> &'static str {
                match self { $(Self::$role => $purpose,)* }
            }

            /// Its sign beside the colours of a theme.
            pub fn sign(self) -> Sign {
                match self { $(Self::$role => Sign::$sign,)* }
            }

            /// Its colour among the sixteen of a terminal, and its sign beside that.
            pub fn among_sixteen(self) -> (Option<u8>, Sign) {
                match self { $(Self::$role => (roles!(@tint $tint), Sign::$few),)* }
            }

            /// Its sign where there are no colours.
            pub fn without_colors(self) -> Sign {
                match self { $(Self::$role => Sign::$none,)* }
            }
        }
    };
    (@tint None) => { None };
    (@tint ($number:literal)) => { Some($number) };
}
every_role!(roles);

/// The colours of a theme. A role without colours has those of the terminal's sixteen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scheme {
    /// The ground that the theme is made for; `None` where it has no colours of its own.
    pub ground: Option<Ground>,
    /// The colour of text without a role. Only a theme that has a ground of its own sets it.
    pub text: Option<Tint>,
    /// The ground that is painted under the whole console; the terminal's own where there is none.
    pub background: Option<Tint>,
    /// The colours of the roles, each once.
    pub paints: Vec<(Role, Paint)>,
}

impl Scheme {
    /// The colours of a role, where the theme has some for it.
    pub fn paint(&self, role: Role) -> Option<Paint> {
        self.paints.iter().find(|(it, _)| *it == role).map(|(_, paint)| *paint)
    }

    /// Sets the colours of a role, in place of those that it had.
    pub fn set(&mut self, role: Role, paint: Paint) {
        self.paints.retain(|(it, _)| *it != role);
        self.paints.push((role, paint));
    }

    /// This look with `paints` in place of its own.
    pub fn with(mut self, paints: &[(Role, Paint)]) -> Self {
        for (role, paint) in paints {
            self.set(*role, *paint);
        }
        self
    }
}
