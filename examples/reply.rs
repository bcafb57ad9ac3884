//! The tutorial's server: reads up to 1024 bytes, prints them as GBK text, answers `thank you !` in GBK, closes.

use wirework::{Chunks, FramingExt, GBK, Tcp, address_argument, run, serve};

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788")).backlog(128);
    run(serve(tcp, Chunks::new(1024).text(GBK.replace())).reply_once(async |message| {
        println!("接收到的数据为: {message}");
        "thank you !"
    }))
    .await
}
