package credential

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"pgregory.net/rapid"
)

func TestCredentialsAreRenewedAtThreeQuartersOfTheirLifeAndFiveMinutesBeforeItsEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_800_000_000, 0)
		life := time.Duration(rapid.Int64Range(int64(10*time.Second), int64(36*time.Hour)).Draw(t, "life"))
		jitter := rapid.Float64Range(0, 0.999).Draw(t, "jitter")
		at := refreshTime(now, now.Add(life), jitter)
		after := at.Sub(now)
		if after > life*86/100 {
			t.Fatalf("life %v: renewed after %v, later than 85 %%", life, after)
		}
		if after < life*39/100 {
			t.Fatalf("life %v: renewed after %v, too often", life, after)
		}
		if life >= 10*time.Minute && life-after < margin {
			t.Fatalf("life %v: renewed only %v before the end", life, life-after)
		}
		if life >= time.Hour && after < life*74/100 {
			t.Fatalf("life %v: renewed after %v, earlier than 75 %%", life, after)
		}
	})
	now := time.Now()
	if left := now.Add(15 * time.Minute).Sub(refreshTime(now, now.Add(15*time.Minute), 0.999)); left < margin {
		t.Errorf("a quarter of an hour is renewed only %v before its end", left)
	}
	if at := refreshTime(now, time.Time{}, 0.5); !at.IsZero() {
		t.Errorf("credentials without an end are renewed at %v", at)
	}
}

func TestRenewalIsSpreadSoThatServersDoNotComeTogether(t *testing.T) {
	now := time.Now()
	for _, life := range []time.Duration{time.Minute, 15 * time.Minute, time.Hour, 12 * time.Hour} {
		first, last := refreshTime(now, now.Add(life), 0), refreshTime(now, now.Add(life), 0.999)
		if spread := last.Sub(first).Abs(); spread < life*9/100 {
			t.Errorf("life %v: all renewals within %v", life, spread)
		}
	}
}

func TestCredentialsAreRenewedInTheBackgroundWithoutAnybodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		role := &script{title: "role", life: time.Hour, takes: 3 * time.Second}
		c := scripted(t, &oracle{}, role)
		first := key(t, c)
		time.Sleep(40 * time.Minute)
		if role.calls.Load() != 1 || key(t, c) != first {
			t.Fatal("renewed before three quarters of its life")
		}
		time.Sleep(12 * time.Minute) // 52 minutes > 85 %
		begin := time.Now()
		second := key(t, c)
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("a caller waited %v", waited)
		}
		if second == first || role.calls.Load() != 2 {
			t.Errorf("still %s after %d calls", second, role.calls.Load())
		}
		got, _ := c.Credentials(t.Context(), caller.Local())
		if got.Identity != "role" {
			t.Errorf("the identity changed to %q", got.Identity)
		}
	})
}

func TestOldCredentialsServeWhileTheirRenewalFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		role := &script{title: "role", life: time.Hour}
		c := scripted(t, &oracle{}, role)
		first := key(t, c)
		role.fails.Store(true)
		for range 59 {
			time.Sleep(time.Minute)
			if got := key(t, c); got != first {
				t.Fatalf("got %s", got)
			}
		}
		if tries := role.calls.Load(); tries < 8 || tries > 40 {
			t.Errorf("%d tries in the last quarter, want a few, with growing pauses", tries)
		}
		role.fails.Store(false)
		time.Sleep(55 * time.Second)
		if key(t, c) == first {
			t.Error("not renewed although the source works again")
		}
	})
}

func TestTheChainIsWalkedAgainBeforeTheWinnersCredentialsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		role, spare := &script{title: "role", life: time.Hour}, &script{title: "spare", life: time.Hour}
		c := scripted(t, &oracle{}, role, spare)
		key(t, c)
		role.fails.Store(true)
		time.Sleep(58 * time.Minute)
		if spare.calls.Load() != 0 {
			t.Error("another source was asked although the old credentials serve for two minutes more")
		}
		time.Sleep(119 * time.Second)
		begin := time.Now()
		got, err := c.Credentials(t.Context(), caller.Local())
		if err != nil || got.Source != "spare" || time.Since(begin) != 0 {
			t.Errorf("got %q and %v after %v, want the spare at once", got.Source, err, time.Since(begin))
		}
	})
}

func TestAnAccountThatSTSCouldNotTellIsAskedForAgainInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sts := &oracle{}
		sts.say(errDark)
		c := scripted(t, sts, &script{title: "keys"})
		for range 100 {
			got, err := c.Credentials(t.Context(), caller.Local())
			if err != nil || got.Account != "" {
				t.Fatalf("account %q, %v", got.Account, err)
			}
		}
		if sts.calls.Load() != 1 {
			t.Errorf("STS was asked %d times for 100 calls", sts.calls.Load())
		}
		time.Sleep(time.Hour)
		if n := sts.calls.Load(); n < 5 || n > 12 {
			t.Errorf("STS was asked %d times in an hour", n)
		}
		sts.say(nil)
		time.Sleep(15 * time.Minute)
		got, _ := c.Credentials(t.Context(), caller.Local())
		if got.Account != "111122223333" || got.AccessKeyID != "ASIAkeys1" {
			t.Errorf("got account %q with key %s", got.Account, got.AccessKeyID)
		}
	})
}

func TestARenewalKeepsTheAccountWhileSTSIsOutOfReach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sts := &oracle{}
		role := &script{title: "role", life: time.Hour}
		c := scripted(t, sts, role)
		key(t, c)
		sts.say(errDark)
		time.Sleep(52 * time.Minute)
		got, _ := c.Credentials(t.Context(), caller.Local())
		if role.calls.Load() != 2 || got.Account != "111122223333" {
			t.Errorf("after %d calls the account is %q", role.calls.Load(), got.Account)
		}
	})
}
