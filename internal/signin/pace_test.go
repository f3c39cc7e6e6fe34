package signin_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signin"
)

// made comes back from the provider with a code that somebody made up.
func (f *federated) made(address string) error {
	f.t.Helper()
	flow := f.begin("")
	u, err := url.Parse(flow.URL)
	if err != nil {
		f.t.Fatal(err)
	}
	answer := url.Values{"code": {"made-up"}, "state": {u.Query().Get("state")}}
	_, _, err = f.Finish(f.t.Context(), flow.Cookie.Reveal(), answer, signin.Origin{Address: address})
	return err
}

func TestAnAddressHasTheProviderAskedTenTimesAtOnceAndThenThirtyTimesAMinute(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	free := func(n int) {
		t.Helper()
		for i := range n {
			if err := f.made(fmt.Sprintf("2001:db8::%d", i)); code(err) != "token_refused" {
				t.Fatalf("%d: %v", i+1, err)
			}
		}
		asked := f.provider.Asked("/token")
		for range 5 { // what is refused costs nothing
			err := f.made("2001:db8::1")
			if fault.KindOf(err) != fault.Throttled || code(err) != "too_many_attempts" || fault.From(err).RetryAfter != 2*time.Second {
				t.Errorf("%d and one more: %v", n, err)
			}
		}
		if again := f.provider.Asked("/token"); again != asked {
			t.Errorf("the provider was asked %d times all the same", again-asked)
		}
	}
	free(10)
	if err := f.made("192.0.2.7"); code(err) != "token_refused" {
		t.Errorf("another address: %v", err)
	}
	f.pass(2 * time.Second)
	free(1)
	f.pass(time.Hour)
	free(10)
}

func TestWhatIsNoFlowOfOursTakesNothingFromTheAddress(t *testing.T) {
	f := newFederated(t, "group:platform=owner@a")
	for range 50 {
		if _, _, err := f.Finish(t.Context(), "made-up", url.Values{"code": {"x"}, "state": {"y"}}, here()); code(err) != "flow_ended" {
			t.Fatal(err)
		}
	}
	if _, err := f.come(ada()); err != nil {
		t.Error(err)
	}
}
