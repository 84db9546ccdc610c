-- Times are microseconds since 1970, UTC.
CREATE TABLE statuses (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL);
CREATE TABLE clients (
    id INTEGER PRIMARY KEY,
    company_name TEXT NOT NULL,
    status TEXT NOT NULL,
    phone TEXT
);
-- Team members and contacts share one numbering. Kind 'gone' is a deleted member, still named by
-- what they once wrote but found by no look-up.
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('team', 'contact', 'gone')),
    client_id INTEGER REFERENCES clients (id),
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT,
    account_owner INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE projects (
    id INTEGER PRIMARY KEY,
    client_id INTEGER NOT NULL REFERENCES clients (id),
    title TEXT NOT NULL
);
CREATE TABLE tickets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL,
    message TEXT NOT NULL,
    status_id INTEGER NOT NULL REFERENCES statuses (id),
    priority TEXT NOT NULL CHECK (priority IN ('normal', 'high', 'urgent')),
    source TEXT NOT NULL CHECK (source IN ('web', 'email')),
    active_state TEXT NOT NULL DEFAULT 'active' CHECK (active_state IN ('active', 'archived')),
    category_id INTEGER REFERENCES categories (id),
    client_id INTEGER REFERENCES clients (id),
    project_id INTEGER REFERENCES projects (id),
    creator_id INTEGER REFERENCES users (id),
    -- Who mailed it, where the sender is nobody's contact.
    sender TEXT,
    created INTEGER NOT NULL,
    last_updated INTEGER,
    status_changed INTEGER
);
CREATE TABLE replies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    type TEXT NOT NULL CHECK (type IN ('reply', 'note')),
    text TEXT NOT NULL,
    creator_id INTEGER REFERENCES users (id),
    created INTEGER NOT NULL
);
CREATE TABLE tags (
    id INTEGER PRIMARY KEY,
    ticket_id INTEGER NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    title TEXT NOT NULL
);
