//! What the Rust client of shop.yaml does, against shop.mjs.
use shop::*;
use std::sync::Arc;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap();
    let mut client = Client::new(&address)
        .credential("token", Credential::Callback(Arc::new(|| "secret".to_owned())))
        .credential("key", Credential::Token("abc".to_owned()))
        .credential("login", Credential::Basic { username: "ada".to_owned(), password: "secret".to_owned() });
    client.retry.first_wait = Duration::from_millis(1);

    // Types.
    let one = get_product(&client, &GetProductArgs::new("a/b ü".to_owned())).await?;
    assert_eq!((one.id.as_str(), one.note.as_deref(), one.kind.clone()), ("a/b ü", None, Kind::Book));
    assert_eq!(one.details.as_ref().unwrap().made.as_deref(), Some("2024-02-29"));
    assert_eq!(serde_json::from_str::<Kind>("\"newer\"").unwrap(), Kind::Unknown("newer".to_owned()));

    // Parameters and credentials.
    let mut list = ListProductsArgs::new();
    list.tags = Some(vec!["a&b".to_owned(), "c".to_owned()]);
    list.ids = Some(vec![1, 2]);
    list.x_trace = Some("t".to_owned());
    list.theme = Some("dark mode".to_owned());
    let page = list_products(&client, &list).await?;
    let got: Received = serde_json::from_str(page.headers["x-got"].to_str().unwrap()).unwrap();
    assert_eq!(got.url, "/products?tags=a%26b&tags=c&ids=1%7C2");
    assert_eq!((got.fields["x-trace"].as_str(), got.fields["cookie"].as_str()), ("t", "theme=dark%20mode"));
    assert_eq!(got.fields["authorization"], "Bearer secret");
    let mut search_args = SearchArgs::new();
    search_args.filter = Some([("a".to_owned(), "x y".to_owned())].into());
    let mut body = SearchBody::new();
    body.q = Some("ä".to_owned());
    body.kinds = Some(vec![Kind::Book, Kind::_2ndHand]);
    search_args.body = Some(body);
    let found = search(&client, &search_args).await?;
    assert_eq!(found.body.url, "/search?filter%5Ba%5D=x%20y");
    assert_eq!(found.body.content, "q=%C3%A4&kinds=book&kinds=2nd%20hand");
    assert_eq!(found.fields["authorization"], "Basic YWRhOnNlY3JldA==");

    // A form with a file.
    let file = FilePart { data: b"PNG".to_vec(), file_name: Some("a.png".to_owned()), content_type: None };
    let mut form = UploadPhotoBody::new("T".to_owned(), file);
    form.tags = Some(vec!["x".to_owned(), "y".to_owned()]);
    form.details = Some(Details { weight: Some(2.0), made: None });
    let photo = upload_photo(&client, &UploadPhotoArgs::new("1".to_owned(), form)).await?;
    assert_eq!(photo.fields["x-key"], "abc");
    for part in ["name=\"title\"\r\n\r\nT\r\n", "\r\n\r\nx\r\n", "\r\n\r\ny\r\n", "application/json\r\n\r\n{\"weight\":2.0}", "filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n"] {
        assert!(photo.body.content.contains(part), "{part} is not in {}", photo.body.content);
    }

    // Choices, told apart by their discriminator.
    let mut transfer = Transfer::new("DE00".to_owned());
    transfer.urgent = Some(true);
    let paid = pay(&client, &PayArgs::new(Payment::Sepa(transfer.clone()))).await?;
    assert_eq!(paid.body, Payment::Sepa(transfer));
    let mut tree = Tree::new(TreeValue::String("x".to_owned()));
    tree.only = Some(Box::new(Tree::new(TreeValue::I64(2))));
    assert_eq!(echo_tree(&client, &EchoTreeArgs::new(tree.clone())).await?.body, tree);

    // Errors.
    let missing = get_product(&client, &GetProductArgs::new("none".to_owned())).await.unwrap_err();
    let missing = missing.api().unwrap();
    assert!(matches!(GetProductError::from(missing), GetProductError::Status404(problem) if problem.title == "No such product"));
    assert_eq!(missing.problem().unwrap().title.as_deref(), Some("No such product"));
    let stranger = get_product(&Client::new(&address), &GetProductArgs::new("1".to_owned())).await.unwrap_err();
    assert_eq!(stranger.api().unwrap().status, 401);
    assert!(matches!(get_product(&client, &GetProductArgs::new("..".to_owned())).await, Err(Error::Argument(_))));
    let mut hasty = client.clone();
    hasty.timeout = Duration::from_millis(50);
    hasty.retry.attempts = 1;
    assert!(matches!(slow(&hasty).await, Err(Error::Http(error)) if error.is_timeout()));
    delete_product(&client, &DeleteProductArgs::new("1".to_owned())).await?;

    // Retries.
    assert_eq!(flaky(&client, &FlakyArgs::new(2)).await?.attempts, Some(3));
    let once = flaky_patch(&client, &FlakyPatchArgs::new(1)).await.unwrap_err();
    assert_eq!(once.api().unwrap().status, 503);
    let mut long = FlakyArgs::new(1);
    long.wait = Some("long".to_owned());
    let long = flaky(&client, &long).await.unwrap_err();
    assert_eq!(long.api().unwrap().retry_after(), Some(Duration::from_secs(3600)));
    let fresh = ProductInput::new("New".to_owned(), Kind::EBook, 1.0, one.created.clone());
    let made = create_product(&client, &CreateProductArgs::new(fresh)).await?;
    assert_eq!((made.id.as_str(), made.note.as_ref().unwrap().len()), ("7", 36));

    // Pages and streams.
    let mut list = ListProductsArgs::new();
    list.limit = Some(2);
    let mut page = list_products(&client, &list).await?;
    let mut ids: String = page.iter().map(|product| product.id.as_str()).collect();
    while let Some(next) = page.next_page() {
        page = client.follow(&next).await?;
        ids.extend(page.iter().map(|product| product.id.as_str()));
    }
    assert_eq!(ids, "12345");
    let mut events = watch(&client).await?;
    let mut seen = String::new();
    while let Some(event) = events.next().await? {
        seen += &format!("{}{}{};", event.id.as_deref().unwrap(), event.event, event.json::<Product>()?.name);
    }
    assert_eq!(seen, "1madeProduct 1;2madeProduct 2;3madeProduct 3;4madeProduct 4;");
    let mut records = export(&client).await?;
    let mut seen = String::new();
    while let Some(product) = records.next().await? {
        seen += &product.id;
    }
    assert_eq!(seen, "123");
    assert_eq!(report(&client).await?.body, "id,name\n1,Ä\n");
    println!("all checks");
    Ok(())
}
