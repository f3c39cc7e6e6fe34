package signin_test

import (
	"net/url"
	"testing"

	"github.com/adit-hq/adit/internal/fault"
)

// Whatever a browser brings to the callback, nobody is signed in by it.
func FuzzFinish(f *testing.F) {
	f.Add("", "state=x&code=y", true)
	f.Add("AAAA", "error=access_denied&state=", false)
	f.Add("\x00", "state=x&state=y&iss=http://x", true)
	f.Fuzz(func(t *testing.T, cookie, query string, mine bool) {
		w := newFederated(t, "group:platform=owner@a")
		flow := w.begin("/studio/")
		if mine {
			cookie = flow.Cookie.Reveal()
		}
		q, _ := url.ParseQuery(query)
		if mine && len(query)%2 == 0 {
			begun, err := url.Parse(flow.URL)
			if err != nil {
				t.Fatal(err)
			}
			q.Set("state", begun.Query().Get("state"))
		}
		o, _, err := w.Finish(t.Context(), cookie, q, here())
		if err == nil || !o.Token.Empty() {
			t.Fatal("signed in")
		}
		if k := fault.KindOf(err); k != fault.Unauthenticated {
			t.Fatalf("%v", err)
		}
	})
}
