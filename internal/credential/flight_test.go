package credential

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
)

func TestManyCallersWaitForOneWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &script{title: "slow", life: time.Hour, takes: 2 * time.Second}
		c := scripted(t, &oracle{}, slow)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { key(t, c) })
		}
		wg.Wait()
		if slow.calls.Load() != 1 {
			t.Errorf("%d walks for 100 callers", slow.calls.Load())
		}
	})
}

func TestACallerThatLeavesDoesNotEndTheWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &script{title: "slow", life: time.Hour, takes: 4 * time.Second}
		c := scripted(t, &oracle{}, slow)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		_, err := c.Credentials(ctx, caller.Local())
		if fault.KindOf(err) != fault.Deadline || time.Since(begin) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(begin))
		}
		if key(t, c) != "ASIAslow1" || time.Since(begin) != 4*time.Second {
			t.Errorf("the second caller waited until %v", time.Since(begin))
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := c.Credentials(gone, caller.Local()); err != nil {
			t.Errorf("credentials in memory cost nothing, and yet: %v", err)
		}
	})
}

func TestASourceThatTakesLongerThanItsBudgetIsPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, next := &script{title: "slow", life: time.Hour, takes: 6 * time.Second}, &script{title: "next", life: time.Hour}
		c := scripted(t, &oracle{}, slow, next)
		begin := time.Now()
		if got := key(t, c); got != "ASIAnext1" || time.Since(begin) != Budget {
			t.Errorf("got %s after %v", got, time.Since(begin))
		}
	})
}

func TestAFailedWalkIsRememberedForABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{title: "only", life: time.Hour}
		s.fails.Store(true)
		c := scripted(t, &oracle{}, s)
		for range 50 {
			_, err := c.Credentials(t.Context(), caller.Local())
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != CodeNoCredentials {
				t.Fatalf("err = %v", err)
			}
			f.Message = "changed by its receiver"
		}
		if s.calls.Load() != 1 {
			t.Errorf("%d walks for 50 calls", s.calls.Load())
		}
		_, err := c.Credentials(t.Context(), caller.Local())
		if f := fault.From(err); f.Message == "changed by its receiver" {
			t.Error("callers share one fault")
		}
		s.fails.Store(false)
		time.Sleep(memory)
		if key(t, c) != "ASIAonly2" {
			t.Error("no new walk after the pause")
		}
	})
}

func TestDroppedCredentialsAreFetchedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		role := &script{title: "role", life: time.Hour}
		c := scripted(t, &oracle{}, role)
		old, _ := c.Credentials(t.Context(), caller.Local())
		c.Drop(old)
		if key(t, c) != "ASIArole2" {
			t.Error("the dropped credentials are still served")
		}
		c.Drop(old) // a second call with the old ones comes late
		if key(t, c) != "ASIArole2" || role.calls.Load() != 2 {
			t.Errorf("newer credentials were dropped: %d calls", role.calls.Load())
		}
	})
}

func TestDroppedKeysThatSTSRefusesGiveWayToTheNextSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sts := &oracle{}
		static, next := &script{title: "static"}, &script{title: "next", life: time.Hour}
		static.frozen.Store(true)
		c := scripted(t, sts, static, next)
		old, _ := c.Credentials(t.Context(), caller.Local())
		sts.say(denial())
		c.Drop(old)
		if got := key(t, c); got != "ASIAnext1" {
			t.Errorf("got %s", got)
		}
	})
}

func TestAfterADropOfWrittenKeysTheWalkBeginsAtTheFirstSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, static := &script{title: "first", life: time.Hour}, &script{title: "static"}
		first.fails.Store(true)
		c := scripted(t, &oracle{}, first, static)
		old, _ := c.Credentials(t.Context(), caller.Local())
		first.fails.Store(false)
		c.Drop(old)
		if got := key(t, c); got != "ASIAfirst2" {
			t.Errorf("got %s", got)
		}
	})
}

func TestTheSameFailureIsLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &script{title: "only", life: time.Hour}
		s.fails.Store(true)
		c := newChain([]source{s}, &oracle{}, slog.New(slog.NewTextHandler(&log, nil)))
		defer c.Close()
		for range 5 {
			_, _ = c.Credentials(t.Context(), caller.Local())
			time.Sleep(memory)
		}
		if n := strings.Count(log.String(), "no valid AWS credentials"); n != 1 || s.calls.Load() != 5 {
			t.Errorf("%d lines for %d walks:\n%s", n, s.calls.Load(), &log)
		}
	})
}

func TestTheSameKeysAgainAfterADropNeedTheWordOfSTS(t *testing.T) {
	for name, c := range map[string]struct {
		answer error
		want   string
	}{
		"accepted":     {nil, "ASIAmeta1"},
		"refused":      {denial(), "ASIAnext1"},
		"out of reach": {errDark, "ASIAnext1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sts := &oracle{}
				meta, next := &script{title: "meta", life: time.Hour}, &script{title: "next", life: time.Hour}
				meta.frozen.Store(true)
				chain := scripted(t, sts, meta, next)
				old, _ := chain.Credentials(t.Context(), caller.Local())
				sts.say(c.answer)
				chain.Drop(old)
				if got := key(t, chain); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			})
		})
	}
}

func TestCloseEndsWhatIsUnderWayAndKeepsWhatIsFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		role := &script{title: "role", life: time.Hour}
		c := scripted(t, &oracle{}, role)
		key(t, c)
		c.Close()
		time.Sleep(59 * time.Minute)
		if key(t, c) != "ASIArole1" || role.calls.Load() != 1 {
			t.Errorf("renewed after Close: %d calls", role.calls.Load())
		}
		time.Sleep(2 * time.Minute)
		if _, err := c.Credentials(t.Context(), caller.Local()); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("err = %v, want unavailable", err)
		}

		slow := scripted(t, &oracle{}, &script{title: "slow", life: time.Hour, takes: 4 * time.Second})
		begin := time.Now()
		result := make(chan error)
		go func() {
			_, err := slow.Credentials(context.Background(), caller.Local())
			result <- err
		}()
		synctest.Wait()
		go slow.Close()
		if err := <-result; fault.KindOf(err) != fault.Unavailable || time.Since(begin) != 0 {
			t.Errorf("a waiting caller got %v after %v", err, time.Since(begin))
		}
	})
}

func BenchmarkFreshCredentials(b *testing.B) {
	c := newChain([]source{&script{title: "role", life: time.Hour}}, &oracle{}, nil)
	defer c.Close()
	ctx, who := context.Background(), caller.Local()
	if _, err := c.Credentials(ctx, who); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Credentials(ctx, who); err != nil {
			b.Fatal(err)
		}
	}
}

func TestFreshCredentialsCostNoAllocation(t *testing.T) {
	c := newChain([]source{&script{title: "role", life: time.Hour}}, &oracle{}, nil)
	defer c.Close()
	ctx, who := t.Context(), caller.Local()
	if n := testing.AllocsPerRun(100, func() { _, _ = c.Credentials(ctx, who) }); n > 0 {
		t.Errorf("%v allocations a call", n)
	}
}
