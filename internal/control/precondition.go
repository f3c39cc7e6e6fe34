package control

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

// conditions are what a request makes of the version of what it is about (RFC
// 9110, section 13.1): it changes that only as it was read, and reads it only
// when it is another one by now.
type conditions struct {
	ifMatch     []string // "*" is any; nil: none was given
	ifNoneMatch []string
}

// conditionsOf reads the headers. An If-Match that cannot be kept is refused: a
// change that goes through although it was not to is worse than none.
func conditionsOf(rt *route, h http.Header) (conditions, error) {
	c := conditions{ifNoneMatch: tagsOf(h.Values("If-None-Match"))}
	given := h.Values("If-Match")
	if len(given) == 0 {
		return c, nil
	}
	wrong := fault.New(fault.Invalid, "If-Match must be an ETag in quotes, or *").WithParam("header.If-Match").WithCode(codeInput)
	if !rt.handle.versioned {
		wrong.Message = "this operation does not accept If-Match: it changes nothing that has a version"
		return c, wrong.WithRemedy("Send it without this header.")
	}
	c.ifMatch = tagsOf(given)
	if len(c.ifMatch) == 0 || slices.Contains(c.ifMatch, "") {
		return c, wrong.WithRemedy("GET it again and send its ETag as it is.")
	}
	return c, nil
}

// tagsOf reads entity tags, without their quotes; "" stands for one that is none.
// Weak ones count as strong: a proxy that compresses weakens them, and versions
// stay what they are.
func tagsOf(lines []string) (tags []string) {
	for _, line := range lines {
		for text := range strings.SplitSeq(line, ",") {
			text = strings.TrimSpace(text)
			tag := strings.Trim(strings.TrimPrefix(text, "W/"), `"`)
			switch {
			case text == "*":
			case text != `"`+tag+`"` && text != `W/"`+tag+`"`:
				tag = ""
			case tag == "*":
				tag = text // in quotes it is a tag, if a strange one
			}
			tags = append(tags, tag)
		}
	}
	return tags
}

// pin returns what a change is to be made of: the id of the thing and its version,
// or, where any version will do, the name that the path has for it and 0. It reads
// what is there, if the request asks for a version of it, and refuses another one.
//
// Names are given again, and the next thing of a name begins at version 1 too: so
// a version without an id counts only where the path has the id.
func (c *call) pin(named string, read func() (id string, version int64, err error)) (thing string, version int64, err error) {
	if c.ifMatch == nil {
		return named, 0, nil
	}
	id, now, err := read()
	if err != nil || slices.Contains(c.ifMatch, "*") {
		return named, 0, err
	}
	unnamed := false
	for _, tag := range c.ifMatch {
		of, number := readTag(tag)
		unnamed = unnamed || of == ""
		if number == strconv.FormatInt(now, 10) && (of == id || of == "" && named == id) {
			return id, now, nil
		}
	}
	if unnamed && named != id {
		return "", 0, fault.New(fault.Invalid, "a version in If-Match says nothing about a name, which may be another thing's by now").
			WithParam("header.If-Match").WithCode(codeInput).WithRemedy("Send the whole ETag, or the id in place of the name.")
	}
	return "", 0, fault.New(fault.Invalid, "it has changed meanwhile: it is version %d of %s now, not the one in If-Match", now, id).
		WithCode(codeConflict).WithRemedy("Read it again and repeat the change.")
}

// pinned is pin for the organization that the path names.
func (c *call) pinned(read func() (version int64, err error)) (int64, error) {
	_, version, err := c.pin(c.named, func() (string, int64, error) {
		version, err := read()
		return c.organization.ID, version, err
	})
	return version, err
}

// readTag takes an entity tag apart: ID.VERSION or ID.VERSION-SUM, or a version alone.
func readTag(tag string) (id, version string) {
	tag, _, _ = strings.Cut(tag, "-")
	if id, version, named := strings.Cut(tag, "."); named {
		return id, version
	}
	return "", tag
}

// versionOf returns the id and the version of what an answer shows, and false where there is none.
func versionOf(body any) (id string, version int64, ok bool) {
	switch b := body.(type) {
	case wire.Organization:
		return b.ID, b.Version, true
	case wire.Environment:
		return b.ID, b.Version, true
	case wire.Key:
		return b.ID, b.Version, true
	case wire.TrustedIssuer:
		return b.ID, b.Version, true
	case wire.Budget:
		return b.ID, b.Version, true
	case wire.Person:
		return b.ID, b.Version, true
	}
	return "", 0, false
}

// tag gives the answer its ETag, and reports whether the client has it already.
//
// A version counts changes by people. What is read tells more: when something
// was used last, what is spent. So the tag of a GET goes on with a sum of the
// answer, for If-None-Match; If-Match looks at the id and the version alone.
func (c *call) tag(body any) (known bool) {
	id, version, ok := versionOf(body)
	if !ok || c.header == nil {
		return false
	}
	tag := id + "." + strconv.FormatInt(version, 10)
	if c.route.method == http.MethodGet {
		b, _ := json.Marshal(body) // the wire's types always marshal
		h := sha256.Sum256(b)
		tag += "-" + hex.EncodeToString(h[:6])
		known = slices.Contains(c.ifNoneMatch, tag) || slices.Contains(c.ifNoneMatch, "*")
	}
	c.header.Set("ETag", `"`+tag+`"`)
	return known
}
