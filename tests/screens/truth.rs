//! What the screen says is what is so.

use growdesk::app::Message;
use jiff::SignedDuration;

use crate::support::console::Console;

fn working() -> Console {
    let mut console = Console::working(100, 30);
    console.effects();
    console
}

#[test]
fn a_held_reply_counts_its_seconds_down_wherever_the_wall_clock_is_set() {
    for hours in [-1, 1, -24 * 400] {
        let mut console = working();
        console.keys("rHello<c-s>").answer();
        console.keys("<enter>");
        console.send(Message::ClockSet { ahead: SignedDuration::from_hours(hours) });
        assert!(console.text().contains("recorded in 5 s"), "{hours}: {}", console.text());
        console.wait(2_000);
        assert!(console.text().contains("recorded in 3 s"), "{hours}: {}", console.text());
        let next = console.model.next_wake().expect("the countdown goes on");
        assert!(next.duration_since(console.model.now) <= SignedDuration::from_secs(1));
    }
}

#[test]
fn a_wait_is_as_long_as_the_wall_clock_says() {
    let mut console = working();
    let before = console.model.next_wake();
    assert!(console.text().contains("3h"), "{}", console.text());
    console.send(Message::ClockSet { ahead: SignedDuration::from_hours(2) });
    assert!(console.text().contains("5h"), "{}", console.text());
    assert_eq!(console.model.next_wake(), before);
}
