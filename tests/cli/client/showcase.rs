//! A round trip of the Rust client against the showcase.
use showcase::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = Client::new(&std::env::args().nth(1).unwrap());
    assert_eq!(get_root(&client).await?.body, "Hello, World!");
    assert_eq!(get_json(&client).await?.message, "Hello, World!");
    let mut ada = NewUser::new("Ada".to_owned());
    ada.age = Some(36);
    let made = post_api_users(&client, &PostApiUsersArgs::new(ada)).await?;
    assert_eq!((made.name.as_str(), made.age), ("Ada", Some(36)));
    assert_eq!(get_api_users_by_id(&client, &GetApiUsersByIdArgs::new(made.id)).await?.id, made.id);
    let nobody = post_api_users(&client, &PostApiUsersArgs::new(NewUser::new(String::new()))).await.unwrap_err();
    let PostApiUsersError::Status422(problem) = PostApiUsersError::from(nobody.api().unwrap()) else { panic!() };
    assert_eq!(problem.errors.unwrap()[0].pointer, "/name");
    let form = Form::new().file("file", &FilePart { data: b"hello".to_vec(), ..FilePart::default() }, None);
    assert_eq!(post_upload(&client, &PostUploadArgs::new(form)).await?[0].size, 5);
    let mut args = GetEventsArgs::new();
    args.n = Some(3);
    args.every_ms = Some(1);
    let (mut events, mut count) = (get_events(&client, &args).await?, 0);
    while events.next().await?.is_some() {
        count += 1;
    }
    assert_eq!(count, 3);
    println!("all checks");
    Ok(())
}
