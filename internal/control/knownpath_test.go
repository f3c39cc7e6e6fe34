package control

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// known is the paths of the whole table, as they are mounted.
func known() knownPaths {
	k := knownPaths{}
	for _, r := range table() {
		k.add(base+r.path, r.method)
	}
	return k
}

func TestAURLAcceptsTheMethodsOfEveryPathThatItCanBe(t *testing.T) {
	h := New(newWorld().settings())
	for path, want := range map[string]string{
		"/organizations":                             "GET, POST",
		"/organizations/ours/environments/prod":      "DELETE, GET, PATCH",
		"/organizations/ours/members/links/sign-out": "DELETE, POST",
		"/organizations/a%2Fb":                       "DELETE, GET, PATCH",
		"/who%61mi":                                  "GET",
		"/organizations/":                            "",
		"/organizations/ours/nothing":                "",
		"/whoami/x":                                  "",
	} {
		out := ask(t, h, "operator", "FROB", base+path, "")
		status := http.StatusMethodNotAllowed
		if want == "" {
			status = http.StatusNotFound
		}
		if p := told(t, out); p.Status != status || out.Header().Get("Allow") != want {
			t.Errorf("%s: %d, Allow: %s; want %d, %s", path, p.Status, out.Header().Get("Allow"), status, want)
		}
	}
}

func TestPathsAreKnownAsTheMuxKnowsThem(t *testing.T) {
	k, words := known(), []string{"x", "", "%2F", "%7Borg%7D", "api", "v1"}
	muxes := map[string]*http.ServeMux{}
	for _, r := range table() {
		mux := http.NewServeMux()
		mux.Handle(base+r.path, http.NotFoundHandler())
		muxes[r.path] = mux
		words = append(words, strings.Split(r.path, "/")[1:]...)
	}
	rapid.Check(t, func(t *rapid.T) {
		path := base
		for _, word := range rapid.SliceOfN(rapid.SampledFrom(words), 1, 7).Draw(t, "words") {
			path += "/" + strings.NewReplacer("{", "%7B", "}", "%7D").Replace(word)
		}
		r := httptest.NewRequest("FROB", path, nil)
		if strings.Contains(r.URL.Path, "//") {
			t.Skip("the mux cleans it first, %2F too")
		}
		var want []string
		for _, row := range table() {
			if _, pattern := muxes[row.path].Handler(r); pattern != "" {
				want = append(want, row.method)
			}
		}
		slices.Sort(want)
		if got := k.methods(r.URL); !slices.Equal(got, slices.Compact(want)) {
			t.Fatalf("%s: %v, want %v", path, got, want)
		}
	})
}

func TestAnUnknownURLIsHeldAgainstFewPaths(t *testing.T) {
	k := known()
	for n, paths := range k {
		if len(paths) > len(table())/2 {
			t.Errorf("%d of %d paths have %d segments", len(paths), len(table()), n)
		}
	}
	u := &url.URL{Path: base + "/" + strings.Repeat("x/", 1000)}
	if k[strings.Count(u.Path, "/")+1] != nil || k.methods(u) != nil {
		t.Error("a path of a thousand segments is known")
	}
	u = &url.URL{Path: base + "/organizations/x/nothing"}
	if n := testing.AllocsPerRun(100, func() { k.methods(u) }); n > 4 {
		t.Errorf("an unknown URL costs %v allocations", n)
	}
}
