//! The one table of commands: keys, hint line, help, palette and configuration all come from it.
//!
//! Each scope has a type of its own for its commands, made from its rows. So a surface can't be
//! asked for a foreign command, and a forgotten command does not compile.

mod table;

pub use table::{
    AskedCommand, BoardCommand, ClientCommand, Command, ConsoleCommand, ConversationCommand,
    DashboardCommand, DecisionCommand, DiscardCommand, EditorCommand, EverywhereCommand,
    FieldsCommand, FilterCommand, FormCommand, ListCommand, MacrosCommand, NamingCommand,
    OutputCommand, PickerCommand, PlanCommand, PromptCommand, QuitCommand, ReaderCommand,
    ReviewCommand, RewordCommand, Scope, TABLE, TakeBackCommand, WatchCommand,
};

impl Scope {
    /// The scope in which its keys are looked up after its own.
    pub fn wider(self) -> Option<Self> {
        matches!(self, Self::List | Self::Board | Self::Conversation).then_some(Self::Console)
    }

    /// Whether commands of `other` work here.
    pub fn takes_from(self, other: Self) -> bool {
        other == self || self.wider() == Some(other)
    }
}

/// The commands of one scope, among all.
pub trait InScope: Copy {
    /// The scope.
    const SCOPE: Scope;

    /// The command as one of this scope's, if it is.
    fn of(command: Command) -> Option<Self>;
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// The command.
    pub command: Command,
    /// Its name in the configuration and the palette.
    pub name: &'static str,
    /// What it does, in a few words: help and palette.
    pub title: &'static str,
    /// What it is called in the hint line; empty where it is not hinted at.
    pub hint: &'static str,
    /// Its keys unless the configuration says otherwise; a sequence is separated by spaces.
    pub keys: &'static [&'static str],
    /// Where it applies.
    pub scope: Scope,
}

/// Makes the scopes, their commands, and the table from the rows.
///
/// A scope is `Name(TypeOfItsCommands) "name in the configuration" "heading in the help"`; a row is
/// `Command: "name", "title", "hint", ["key", ...];`. A command with a value has one row for each
/// value.
macro_rules! commands {
    ($(
        $(#[$doc:meta])*
        $scope:ident($commands:ident) $name:literal $heading:literal {
            $($command:ident $(($carried:ty))?:
                $($(($value:expr))? $called:literal, $title:literal, $hint:literal, [$($key:literal),+])|+;
            )+
        }
    )+) => {
        /// Where a command applies. A key is looked up in the scopes of the moment, nearest first.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Scope { $($(#[$doc])* $scope,)+ }

        impl Scope {
            /// Every scope, in the order of the help.
            pub const ALL: &[Self] = &[$(Self::$scope),+];

            /// Its name in the configuration: `[keys.list]`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$scope => $name),+ }
            }

            /// Its heading in the help.
            pub fn title(self) -> &'static str {
                match self { $(Self::$scope => $heading),+ }
            }
        }

        /// Something that the agent can ask for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Command { $($(#[$doc])* $scope($commands),)+ }

        impl Command {
            /// Where it applies.
            pub fn scope(self) -> Scope {
                match self { $(Self::$scope(_) => Scope::$scope),+ }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub enum $commands { $($(#[doc = $title])+ $command $(($carried))?,)+ }

            impl InScope for $commands {
                const SCOPE: Scope = Scope::$scope;

                fn of(command: Command) -> Option<Self> {
                    if let Command::$scope(command) = command { Some(command) } else { None }
                }
            }

            impl From<$commands> for Command {
                fn from(command: $commands) -> Self { Self::$scope(command) }
            }
        )+

        /// The table. Within a scope, hints are shown in this order as far as there is room.
        pub static TABLE: &[Spec] = &[$($($(
            Spec {
                command: Command::$scope($commands::$command $(($value))?),
                name: $called,
                title: $title,
                hint: $hint,
                keys: &[$($key),+],
                scope: Scope::$scope,
            },
        )+)+)+];
    };
}
use commands;
