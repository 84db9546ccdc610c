//! growdesk
