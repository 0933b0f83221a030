//! What examples/hello answers, by lambda_http.

use lambda_http::{run, service_fn, Body, Error, Request, RequestExt, Response};

async fn hello(request: Request) -> Result<Response<Body>, Error> {
    let parameters = request.path_parameters();
    let name = parameters.first("name").unwrap_or_default();
    let body = serde_json::json!({ "hello": name }).to_string();
    Ok(Response::builder()
        .status(200)
        .header("content-type", "application/json")
        .body(body.into())?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(hello)).await
}
