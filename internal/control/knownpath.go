package control

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// knownPaths are the paths of all routes with their methods, by how many segments
// they have: an unknown URL, which anybody may send, is held against a few of them.
type knownPaths map[int][]knownPath

// knownPath is a path's segments, of which one such as {org} stands for any.
type knownPath struct {
	segments []string
	method   string
}

func (k knownPaths) add(path, method string) {
	segments := strings.Split(path, "/")
	k[len(segments)] = append(k[len(segments)], knownPath{segments, method})
}

// methods are those that a URL accepts, in order; none for an unknown one. They
// may be of several paths: members/links/sign-out is both members/{person}/sign-out
// and members/links/{login}, which is why one mux could not tell.
func (k knownPaths) methods(u *url.URL) (all []string) {
	segments := strings.Split(u.EscapedPath(), "/")
	for i, s := range segments {
		segments[i], _ = url.PathUnescape(s) // EscapedPath has nothing that is not
	}
	for _, p := range k[len(segments)] {
		if slices.EqualFunc(p.segments, segments, standsFor) {
			all = append(all, p.method)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// standsFor reports whether a segment of a route's path matches one of a URL, as
// it does for http.ServeMux.
func standsFor(known, asked string) bool {
	return known == asked || strings.HasPrefix(known, "{") && asked != ""
}

// otherwise answers other methods of known paths, and other paths.
func (a *api) otherwise(known knownPaths) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		methods := known.methods(r.URL)
		if len(methods) == 0 {
			a.fail(w, r, unknownURL())
			return
		}
		allow := strings.Join(methods, ", ")
		w.Header().Set("Allow", allow)
		a.fail(w, r, fault.New(fault.NotFound, "this URL accepts only %s", allow).WithCode(codeMethod))
	})
}
