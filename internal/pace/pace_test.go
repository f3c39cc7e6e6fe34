package pace

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestAPaceLetsTheRateThroughAndForgetsTheIdle(t *testing.T) {
	p, now := New(60, 5), time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	through := 0
	for range 600 { // ten minutes, ten tries a second
		for range 10 {
			if p.Take("a", now) == 0 {
				through++
			}
		}
		now = now.Add(time.Second)
	}
	if through < 600 || through > 605 {
		t.Errorf("%d got through in ten minutes, want 60 a minute and a burst of 5", through)
	}
	for i := range 3 * remembered {
		p.Take(fmt.Sprint(i), now)
	}
	if len(p.full) > remembered+1 {
		t.Errorf("a flood of names is remembered: %d", len(p.full))
	}
	if now = now.Add(time.Hour); p.Take("late", now) != 0 {
		t.Error("a new name gets nothing an hour after the flood")
	}
	if len(p.full) > 1 {
		t.Errorf("%d names of the flood are still remembered", len(p.full)-1)
	}
}

func TestANeighbourhoodIsAnAddressOrTheNetworkOfACustomer(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := Neighbourhood(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	if got := Neighbourhood(netip.Addr{}); got != "" {
		t.Errorf("none: %q", got)
	}
}

func TestAFloodOfNamesTakesNobodysRoom(t *testing.T) {
	p, now := New(30, 10), time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	for i := range 30_000 {
		p.Take(fmt.Sprintf("192.0.%d.%d", i/256, i%256), now)
	}
	if n := len(p.full); n > remembered+1 {
		t.Errorf("%d names are remembered", n)
	}
	if wait := p.Take("192.0.0.0", now); wait != 0 {
		t.Errorf("who was there before the flood waits %v", wait)
	}
	if wait := p.Take("198.51.100.1", now); wait == 0 {
		t.Error("who came after it has a bucket of their own")
	}
	if wait := p.Take("198.51.100.1", now.Add(time.Minute)); wait != 0 || len(p.full) != 1 {
		t.Errorf("a minute later: %v, %d are remembered", wait, len(p.full))
	}
}
