//! The compact rows of all tickets. Views, counts, filters and sorts run on them.
//!
//! A hundred thousand rows take some 16 MB. The names that many tickets share (clients, departments,
//! statuses, sets of tags) are kept once. A clone costs nothing and shares everything, so that a
//! snapshot can be sorted or searched elsewhere while the original goes on.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    sync::Arc,
};

use fnv::FnvBuildHasher;
use imbl::Vector;
use jiff::Timestamp;

use super::{Aside, Department, Named, Priority, Row, RowRef, Source, Status, ThreadFacts, Ticket};
use crate::domain::{ClientId, Line, PersonId, ProjectId, TicketId};

/// Where a ticket stands among the rows. It keeps its place, and no other ticket ever gets it. So a
/// place from a snapshot is valid in every later state of the same rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place(u32);

/// Some places, for many questions whether one is among them.
#[derive(Clone, Debug, Default)]
pub struct PlaceSet(Vec<bool>);

impl FromIterator<Place> for PlaceSet {
    fn from_iter<T: IntoIterator<Item = Place>>(places: T) -> Self {
        let mut set = Self::default();
        for Place(at) in places {
            let at = at as usize;
            if set.0.len() <= at {
                set.0.resize(at + 1, false);
            }
            set.0[at] = true;
        }
        set
    }
}

impl PlaceSet {
    /// Whether a place is among them.
    pub fn has(&self, place: Place) -> bool {
        self.0.get(place.0 as usize).copied().unwrap_or_default()
    }
}

/// The rows.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    packed: Vector<Packed>,
    places: Arc<HashMap<TicketId, Place, FnvBuildHasher>>,
    pub(super) names: Names,
    /// What the profile keeps about some of them, or about tickets that are not here.
    asides: Arc<HashMap<TicketId, Aside, FnvBuildHasher>>,
}

/// The values that many rows share.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) statuses: Shared<Status>,
    pub(super) departments: Shared<Option<Department>>,
    pub(super) clients: Shared<Option<Named<ClientId>>>,
    pub(super) tags: Shared<Vec<Line>>,
    projects: Shared<Option<ProjectId>>,
    creators: Shared<Option<PersonId>>,
}

/// Values that are kept once and known by a number.
#[derive(Clone, Debug)]
pub(super) struct Shared<T: Clone> {
    values: Vector<T>,
    numbers: Arc<HashMap<T, u32, FnvBuildHasher>>,
}

impl<T: Clone> Default for Shared<T> {
    fn default() -> Self {
        Self { values: Vector::new(), numbers: Arc::default() }
    }
}

impl<T: Clone + Eq + Hash> Shared<T> {
    fn number(&mut self, value: &T) -> u32 {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push_back(value.clone());
        Arc::make_mut(&mut self.numbers).insert(value.clone(), number);
        number
    }

    fn get(&self, number: u32) -> Option<&T> {
        self.values.get(number as usize)
    }

    /// All values, by their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.values.iter()
    }
}

/// A row with numbers in place of the shared values.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    pub(super) id: TicketId,
    pub(super) subject: Line,
    created: Moment,
    last_updated: Moment,
    status_changed: Moment,
    noticed: Moment,
    facts: Option<Box<ThreadFacts>>,
    pub(super) status: u32,
    pub(super) department: u32,
    pub(super) client: u32,
    pub(super) tags: u32,
    project: u32,
    creator: u32,
    replies_count: u32,
    pub(super) priority: Priority,
    source: Source,
    archived: bool,
    /// The ticket is gone; its place stays empty.
    gone: bool,
}

/// A time in microseconds, as the store keeps it, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment(i64);

impl Moment {
    const NONE: Self = Self(i64::MIN);

    fn of(at: Option<Timestamp>) -> Self {
        at.map_or(Self::NONE, |at| Self(at.as_microsecond()))
    }

    fn get(self) -> Option<Timestamp> {
        // No time equals the value that stands for "none". The very last second loses its end when
        // it is cut to microseconds, and jiff then refuses it. The last possible time takes its
        // place.
        let edge = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        (self != Self::NONE).then(|| Timestamp::from_microsecond(self.0).unwrap_or(edge))
    }
}

impl<'a> FromIterator<&'a Row> for Rows {
    fn from_iter<T: IntoIterator<Item = &'a Row>>(all: T) -> Self {
        let mut rows = Self::default();
        for row in all {
            rows.insert(row);
        }
        rows
    }
}

impl Extend<Row> for Rows {
    fn extend<T: IntoIterator<Item = Row>>(&mut self, all: T) {
        for row in all {
            self.insert(&row);
        }
    }
}

/// Two are equal if one is an unchanged copy of the other.
impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        self.packed.ptr_eq(&other.packed)
    }
}

impl Rows {
    /// How many tickets there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Where a ticket stands.
    pub fn place(&self, id: TicketId) -> Option<Place> {
        self.places.get(&id).copied()
    }

    /// The row at a place; `None` where its ticket is gone.
    pub fn at(&self, place: Place) -> Option<RowRef<'_>> {
        self.packed(place).and_then(|packed| self.unpack(packed))
    }

    /// The ticket at a place; `None` where it is gone.
    pub fn id_at(&self, place: Place) -> Option<TicketId> {
        self.packed(place).map(|packed| packed.id)
    }

    pub(super) fn packed(&self, place: Place) -> Option<&Packed> {
        self.packed.get(place.0 as usize).filter(|packed| !packed.gone)
    }

    /// A ticket's row.
    pub fn get(&self, id: TicketId) -> Option<RowRef<'_>> {
        self.at(self.place(id)?)
    }

    /// All rows with their places, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = (Place, RowRef<'_>)> {
        (0..).map(Place).zip(&self.packed).filter_map(|(place, packed)| {
            let row = if packed.gone { None } else { self.unpack(packed) };
            Some((place, row?))
        })
    }

    /// Puts a row in. It replaces an earlier row of the ticket.
    pub fn insert(&mut self, row: &Row) -> Place {
        let packed = self.pack(row);
        let id = packed.id;
        if let Some(place) = self.place(id)
            && let Some(old) = self.packed.get_mut(place.0 as usize)
        {
            *old = packed;
            return place;
        }
        let place = Place(u32::try_from(self.packed.len()).unwrap_or(u32::MAX));
        self.packed.push_back(packed);
        Arc::make_mut(&mut self.places).insert(id, place);
        place
    }

    /// Takes a ticket's row out.
    pub fn remove(&mut self, id: TicketId) -> Option<Place> {
        let place = self.place(id)?;
        Arc::make_mut(&mut self.places).remove(&id);
        if let Some(packed) = self.packed.get_mut(place.0 as usize) {
            packed.gone = true;
            packed.subject = Line::default();
        }
        Some(place)
    }

    /// What the profile keeps about a ticket.
    pub fn aside(&self, id: TicketId) -> Aside {
        // Most profiles keep something about a few tickets alone.
        if self.asides.is_empty() {
            return Aside::default();
        }
        self.asides.get(&id).copied().unwrap_or_default()
    }

    /// The tickets about which the profile keeps something, here or not.
    pub fn asides(&self) -> impl Iterator<Item = (TicketId, Aside)> {
        self.asides.iter().map(|(id, aside)| (*id, *aside))
    }

    /// Keeps this about a ticket, which need not be here yet.
    pub fn set_aside(&mut self, id: TicketId, aside: Aside) {
        if self.aside(id) == aside {
            return;
        }
        let asides = Arc::make_mut(&mut self.asides);
        match aside.is_bare() {
            true => drop(asides.remove(&id)),
            false => drop(asides.insert(id, aside)),
        }
    }

    /// How many tickets have each tag.
    pub fn tag_uses(&self) -> BTreeMap<&Line, usize> {
        let mut uses = BTreeMap::new();
        for (set, count) in self.uses(&self.names.tags, |packed| packed.tags) {
            for tag in set {
                *uses.entry(tag).or_default() += count;
            }
        }
        uses
    }

    /// How many tickets each client has, by its number; a client with several names has the first.
    pub fn client_uses(&self) -> BTreeMap<ClientId, (&Line, usize)> {
        let mut uses = BTreeMap::new();
        for (client, count) in self.uses(&self.names.clients, |packed| packed.client) {
            if let Some(client) = client {
                uses.entry(client.id).or_insert((&client.name, 0)).1 += count;
            }
        }
        uses
    }

    /// How many tickets each project has, and whose it is.
    pub fn project_uses(&self) -> BTreeMap<ProjectId, (Option<&Named<ClientId>>, usize)> {
        let mut uses = BTreeMap::new();
        for packed in self.packed.iter().filter(|packed| !packed.gone) {
            if let Some(Some(project)) = self.names.projects.get(packed.project) {
                let client = self.names.clients.get(packed.client).and_then(Option::as_ref);
                uses.entry(*project).or_insert((client, 0)).1 += 1;
            }
        }
        uses
    }

    /// The departments that tickets have or had, by each of their names.
    pub fn departments(&self) -> impl Iterator<Item = &Department> {
        self.names.departments.iter().flatten()
    }

    /// The name of a client that tickets have or had.
    pub fn client_name(&self, id: ClientId) -> Option<&Line> {
        let mut clients = self.names.clients.iter().flatten();
        clients.find(|client| client.id == id).map(|client| &client.name)
    }

    /// The shared values that tickets have, and how many tickets have each.
    fn uses<'a, T: Clone + Eq + Hash>(
        &self,
        shared: &'a Shared<T>,
        number: impl Fn(&Packed) -> u32,
    ) -> impl Iterator<Item = (&'a T, usize)> {
        let mut counts = vec![0_usize; shared.values.len()];
        for packed in self.packed.iter().filter(|packed| !packed.gone) {
            if let Some(count) = counts.get_mut(number(packed) as usize) {
                *count += 1;
            }
        }
        shared.iter().zip(counts).filter(|(_, count)| *count > 0)
    }

    fn pack(&mut self, row: &Row) -> Packed {
        let Row { ticket, facts, noticed } = row;
        // Each field is named here, so a new field that is not packed does not compile.
        let Ticket {
            id,
            subject,
            status,
            priority,
            source,
            archived,
            department,
            client,
            project,
            creator,
            created,
            last_updated,
            status_changed,
            replies_count,
            tags,
        } = ticket;
        let names = &mut self.names;
        Packed {
            id: *id,
            subject: subject.clone(),
            created: Moment::of(*created),
            last_updated: Moment::of(*last_updated),
            status_changed: Moment::of(*status_changed),
            noticed: Moment::of(Some(*noticed)),
            facts: facts.map(Box::new),
            status: names.statuses.number(status),
            department: names.departments.number(department),
            client: names.clients.number(client),
            tags: names.tags.number(tags),
            project: names.projects.number(project),
            creator: names.creators.number(creator),
            replies_count: *replies_count,
            priority: *priority,
            source: *source,
            archived: *archived,
            gone: false,
        }
    }

    /// The row that a packed one stands for. It is always complete, since no name is ever taken
    /// out.
    fn unpack<'a>(&'a self, packed: &'a Packed) -> Option<RowRef<'a>> {
        let names = &self.names;
        Some(RowRef {
            id: packed.id,
            subject: &packed.subject,
            status: names.statuses.get(packed.status)?,
            priority: packed.priority,
            source: packed.source,
            archived: packed.archived,
            department: names.departments.get(packed.department)?.as_ref(),
            client: names.clients.get(packed.client)?.as_ref(),
            project: *names.projects.get(packed.project)?,
            creator: *names.creators.get(packed.creator)?,
            created: packed.created.get(),
            last_updated: packed.last_updated.get(),
            status_changed: packed.status_changed.get(),
            replies_count: packed.replies_count,
            tags: names.tags.get(packed.tags)?,
            facts: packed.facts.as_deref().copied(),
            noticed: packed.noticed.get().unwrap_or_default(),
            aside: self.aside(packed.id),
        })
    }
}
