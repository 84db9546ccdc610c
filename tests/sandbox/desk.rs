//! A sandbox with a plain client, and what the tests ask of them.

use std::time::Duration;

use growdesk::sandbox::{Options, Sandbox};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use secrecy::ExposeSecret;
use serde_json::Value;

/// A sandbox and a client of it.
pub(crate) struct Desk {
    pub(crate) sandbox: Sandbox,
    pub(crate) http: Client,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        // The second test of this process finds the provider installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = Sandbox::start(options).await.unwrap();
        let http = Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        Self { sandbox, http }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/api{path}", self.sandbox.url()))
            .bearer_auth(self.sandbox.api_key().expose_secret())
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        told(self.request(method, path).json(&body).send().await.unwrap()).await
    }

    /// As curl's `-d` sends it.
    pub(crate) async fn form(
        &self,
        method: Method,
        path: &str,
        body: &'static str,
    ) -> (StatusCode, Value) {
        let request = self.request(method, path).body(body);
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        told(request.send().await.unwrap()).await
    }

    pub(crate) fn fault(&self, text: &str) {
        self.sandbox.faults().add(text.parse().unwrap());
    }
}

pub(crate) async fn told(response: Response) -> (StatusCode, Value) {
    (response.status(), response.json().await.unwrap())
}

pub(crate) fn ids(list: &Value) -> Vec<i64> {
    list["data"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}
