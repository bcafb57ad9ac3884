//! Where the tutorial's server breaks.
//!
//! Each check is run against one of ours, where it holds, and against a naive server, where it does not, for the reason
//! that is named. Without the difficulty the naive servers do as well as ours: that is checked, too.

use tokio::runtime::Runtime;
use wirework::{Chunks, FramingExt, GBK, Tcp, serve};

use crate::process::Server;
use crate::python::Python;

/// A naive server has ended, and why.
fn could_not_decode(naive: Server) {
    let ended = naive.process.ended();
    assert!(ended.stderr.last().is_some_and(|line| line.starts_with("UnicodeDecodeError: 'gbk'")), "{ended:?}");
}

mod several_clients_at_once {
    use super::*;

    const CHECK: &str = "breaks.a_silent_client_delays_nobody";

    #[test]
    fn are_served_by_ours() {
        let Some(python) = Python::find() else { return };
        let server = Server::example("reply");
        python.check(CHECK, &server.address, &[]).unwrap();
    }

    #[test]
    fn are_served_by_the_naive_one_only_if_none_is_silent() {
        let Some(python) = Python::find() else { return };
        let naive = python.naive("reply");
        python.check("tutorial.three_clients_are_thanked", &naive.address, &[]).unwrap();
        // It answers the second after the first, whenever that is: a second is as good a time to give up as any.
        let failure = python.check(CHECK, &naive.address, &["1"]).unwrap_err();
        assert!(failure.says("timed out"), "{failure:?}");
    }
}

#[cfg(target_os = "linux")]
mod a_character_split_between_two_segments {
    use super::*;

    const ANSWERED: &str = "breaks.a_character_in_two_segments_is_answered_once_it_is_whole";
    const JOINED: &str = "breaks.segments_cut_anywhere_come_back_joined";

    #[test]
    fn is_answered_by_reply_once_with_the_first_read_that_makes_it_whole() {
        let Some(python) = Python::find() else { return };
        let server = Server::example("reply");
        python.check(ANSWERED, &server.address, &[]).unwrap();
        assert_eq!(server.process.stdout.next(), "接收到的数据为: 你好，世界");
    }

    #[test]
    fn breaks_the_naive_one_that_answers_once() {
        let Some(python) = Python::find() else { return };
        let naive = python.naive("reply");
        python.check(ANSWERED, &naive.address, &[]).unwrap_err();
        could_not_decode(naive);
    }

    #[test]
    fn is_joined_by_reply() {
        let Some(python) = Python::find() else { return };
        let runtime = Runtime::new().unwrap();
        let (tell, address) = std::sync::mpsc::channel();
        let server = serve(Tcp::bind("127.0.0.1:0"), Chunks::new(1024).text(GBK))
            .on_listening(move |address| tell.send(address.to_string()).unwrap())
            .reply(async |message| message);
        runtime.spawn(server.into_future());
        python.check(JOINED, &address.recv().unwrap(), &[]).unwrap();
    }

    #[test]
    fn breaks_the_naive_one_that_goes_on() {
        let Some(python) = Python::find() else { return };
        let naive = python.naive("echo");
        python.check("breaks.segments_cut_between_characters_come_back", &naive.address, &[]).unwrap();
        python.check(JOINED, &naive.address, &[]).unwrap_err();
        could_not_decode(naive);
    }
}

mod two_messages_in_one_segment {
    use super::*;

    const CHECK: &str = "breaks.two_lines_in_one_segment_are_two_messages";

    #[test]
    fn are_two_to_ours() {
        let Some(python) = Python::find() else { return };
        let server = Server::example("gbk_lines");
        python.check(CHECK, &server.address, &[]).unwrap();
    }

    #[test]
    fn are_one_to_the_naive_one_unless_they_come_apart() {
        let Some(python) = Python::find() else { return };
        let naive = python.naive("lines");
        python.check("breaks.two_lines_one_after_the_other_are_two_messages", &naive.address, &[]).unwrap();
        let failure = python.check(CHECK, &naive.address, &[]).unwrap_err();
        assert!(failure.says("'第一\\r\\n第二\\n'"), "{failure:?}");
    }
}

mod a_client_that_sent_more_than_was_read {
    use super::*;

    const CHECK: &str = "breaks.more_than_is_read_is_thanked_200_times";
    const FAR_MORE: &str = "breaks.far_more_than_the_system_holds_is_thanked";

    #[test]
    fn gets_the_reply_and_the_end_from_ours_every_time() {
        let Some(python) = Python::find() else { return };
        let server = Server::example("reply");
        python.check(CHECK, &server.address, &[]).unwrap();
    }

    #[test]
    fn gets_them_also_if_it_sent_far_more_than_the_system_holds() {
        let Some(python) = Python::find() else { return };
        let server = Server::example("reply");
        python.check(FAR_MORE, &server.address, &[]).unwrap();
    }

    #[test]
    fn is_reset_by_the_naive_one() {
        let Some(python) = Python::find() else { return };
        let naive = python.naive("reply");
        let failure = python.check(CHECK, &naive.address, &[]).unwrap_err();
        assert!(failure.says("ConnectionResetError"), "{failure:?}");
        python.check(FAR_MORE, &naive.address, &[]).unwrap_err();
    }
}

mod malformed_gbk {
    use super::*;

    const REPLACED: &str = "breaks.malformed_gbk_is_thanked";
    const CUT_OFF: &str = "breaks.half_a_character_and_the_end_is_thanked";
    #[cfg(target_os = "linux")]
    const SKIPPED: &str = "breaks.a_malformed_line_is_skipped_and_the_next_answered";

    #[test]
    fn is_shown_as_replacement_characters_and_answered_by_reply() {
        let Some(python) = Python::find() else { return };
        let server = Server::example("reply");
        python.check(REPLACED, &server.address, &[]).unwrap();
        assert_eq!(server.process.stdout.next(), "接收到的数据为: 你\u{fffd}好");
        python.check(CUT_OFF, &server.address, &[]).unwrap();
        assert_eq!(server.process.stdout.next(), "接收到的数据为: \u{fffd}");
    }

    #[test]
    fn breaks_the_naive_one_that_answers_once() {
        let Some(python) = Python::find() else { return };
        for check in [REPLACED, CUT_OFF] {
            let naive = python.naive("reply");
            python.check(check, &naive.address, &[]).unwrap_err();
            could_not_decode(naive);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn under_strict_is_reported_and_skipped_and_the_next_message_answered() {
        let Some(python) = Python::find() else { return };
        let server = Server::example("gbk_lines");
        python.check(SKIPPED, &server.address, &[]).unwrap();
        let report = server.process.stderr.next();
        assert!(report.starts_with("127.0.0.1:") && report.contains(": skipped bad message 2 at byte 3"), "{report}");
        assert!(report.ends_with("not GBK at byte 2 of the message (FF)"), "{report}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn breaks_the_naive_one_that_goes_on() {
        let Some(python) = Python::find() else { return };
        let naive = python.naive("lines");
        python.check(SKIPPED, &naive.address, &[]).unwrap_err();
        could_not_decode(naive);
    }
}
