//! `growdesk mcp`: driven by the client of the SDK, and by lines that no client would send. An assistant
//! may read and propose; whatever it does, the server's database stays as it was.

mod calls;
mod lines;

use growdesk::{domain::Entry, store::Store};
use rmcp::{
    RoleClient, ServiceError, ServiceExt as _,
    model::{CallToolRequestParams, CallToolResult, ClientConfig, Implementation, Tool},
    service::RunningService,
    transport::TokioChildProcess,
};
use serde_json::{Value, json};

use super::desk::{Desk, PATIENCE};

/// An assistant that talks to `growdesk mcp`.
struct Assistant {
    service: RunningService<RoleClient, ClientConfig>,
}

impl Assistant {
    async fn named(desk: &Desk, name: &str, arguments: &[&str]) -> Self {
        let mut command = desk.command(&[&["mcp"], arguments].concat());
        command.stderr(std::process::Stdio::null());
        let process = TokioChildProcess::new(tokio::process::Command::from(command));
        let about = Implementation::new(name.to_owned(), "1");
        let config = ClientConfig::new(<_>::default(), about);
        let service = config.serve(process.expect("it starts")).await.expect("it is an MCP server");
        Self { service }
    }

    async fn of(desk: &Desk) -> Self {
        Self::named(desk, "Claude", &[]).await
    }

    async fn tools(&self) -> Vec<Tool> {
        self.service.list_all_tools().await.expect("the tools")
    }

    async fn call(&self, tool: &str, arguments: Value) -> Result<CallToolResult, ServiceError> {
        let asked = CallToolRequestParams::new(tool.to_owned())
            .with_arguments(arguments.as_object().expect("an object").clone());
        tokio::time::timeout(PATIENCE, self.service.call_tool(asked)).await.expect("an answer")
    }

    /// The structured result of a call that has to succeed.
    async fn ok(&self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments.clone()).await.expect("an answer");
        let said = said(&result);
        assert_ne!(result.is_error, Some(true), "{tool} {arguments}: {said}");
        let told = result.structured_content.expect("a structured result");
        let text: Value = serde_json::from_str(&said).expect("the same as text");
        assert_eq!(text, told);
        told
    }

    /// What a tool says that can't do what it was asked for.
    async fn fails(&self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments.clone()).await.expect("an answer");
        assert_eq!(result.is_error, Some(true), "{tool} {arguments}: {result:?}");
        said(&result)
    }

    /// The code of the protocol's error.
    async fn refused(&self, tool: &str, arguments: Value) -> i32 {
        match self.call(tool, arguments.clone()).await {
            Err(ServiceError::McpError(error)) => error.code.0,
            other => panic!("{tool} {arguments}: {other:?}"),
        }
    }

    async fn end(self) {
        self.service.cancel().await.expect("it ends");
    }
}

fn said(result: &CallToolResult) -> String {
    let content = result.content.first().and_then(|it| it.as_text());
    content.map(|it| it.text.clone()).unwrap_or_default()
}

/// What the server's database holds of tickets and replies.
fn on_server(desk: &Desk) -> String {
    desk.ask(
        "SELECT (SELECT group_concat(id || quote(subject) || quote(message) || status_id || priority \
         || active_state || quote(category_id) || quote(last_updated)) FROM tickets) \
         || (SELECT count(*) FROM replies) || (SELECT group_concat(ticket_id || title) FROM tags)",
    )
}

/// Waiting tickets, by their numbers.
async fn waiting(assistant: &Assistant) -> Vec<i64> {
    let told = assistant.ok("queue", json!({})).await;
    let tickets = told["tickets"].as_array().expect("tickets");
    tickets.iter().filter_map(|it| it["id"].as_i64()).collect()
}

async fn outbox(store: &Store) -> Vec<Entry> {
    store.outbox().await.expect("the outbox")
}
