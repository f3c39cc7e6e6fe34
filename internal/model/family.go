package model

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/vector"
)

// Family is the models that share request and response bodies, and all that
// Adit knows about them.
type Family struct {
	// Name is the family's word in files and flags, such as "cohere-v3".
	Name string
	// Title is the family's name for people.
	Title string
	// IDs are the base ids, without geography.
	IDs []string
	// TextsPerCall is how many texts one InvokeModel call takes.
	TextsPerCall int
	// MaxChars is the longest text in Unicode characters; 0 means that only tokens are limited.
	MaxChars int
	// CutsToMaxChars says that AWS refuses a text over MaxChars even where it is asked to
	// truncate, so that Adit cuts before the call.
	CutsToMaxChars bool
	// MaxTokens is the longest text in the model's tokens. AWS judges it.
	MaxTokens int
	// Dimensions are the vector lengths to choose from, the default first. One alone is fixed.
	Dimensions []int
	// Params are the family's own parameters in spicepod.yaml.
	Params []Param
	// ProfileOnly says that most accounts can invoke the model through an inference profile only.
	ProfileOnly bool
	// Geographies are the prefixes of the inference profiles that AWS defines for
	// the family's models, such as "us"; none means that it defines none.
	Geographies []string
	// USDPerMillionTokens is the on-demand price of input in us-east-1, September 2026.
	USDPerMillionTokens float64
	// Codec writes and reads the family's bodies.
	Codec Codec
}

// Codec writes the body of one InvokeModel call and reads its answer. It is
// stateless, and safe for use by many goroutines.
type Codec interface {
	// AppendRequest appends the body for the texts, at most TextsPerCall, to dst.
	AppendRequest(dst []byte, texts []string, p Params) []byte
	// ReadResponse returns the vectors as slices of body.
	ReadResponse(body []byte, header http.Header) (Answer, error)
}

// Answer is what one InvokeModel call gave.
type Answer struct {
	// Vectors are in the order of the texts; they alias the body.
	Vectors []vector.Text
	// Dimensions has the length of each vector.
	Dimensions []int
	// Tokens is AWS's count of input tokens, or -1 where it told none.
	Tokens int
}

// ParamKind says how a parameter's value is written.
type ParamKind uint8

// The kinds of parameter.
const (
	Enum ParamKind = iota
	Int
	Bool
)

// Param is one parameter of a family in spicepod.yaml.
type Param struct {
	Name    string
	Aliases []string
	Kind    ParamKind
	// Values are all that is allowed, as text.
	Values  []string
	Default string
	Doc     string
}

// Params maps a parameter's name to its value, with every default filled in.
type Params map[string]string

// Param returns the parameter of that name or alias.
func (f *Family) Param(name string) (Param, bool) {
	for _, p := range f.Params {
		if p.Name == name || slices.Contains(p.Aliases, name) {
			return p, true
		}
	}
	return Param{}, false
}

// Resolve returns the parameters with set's values and the defaults of the
// rest. A name that the family lacks and a value that it does not allow are
// faults of kind Invalid that name the parameter.
func (f *Family) Resolve(set map[string]string) (Params, error) {
	out := make(Params, len(f.Params))
	for _, p := range f.Params {
		out[p.Name] = p.Default
	}
	for name, value := range set {
		p, ok := f.Param(name)
		if !ok {
			return nil, fault.New(fault.Invalid, "%s has no parameter %s", f.Title, clip(name)).
				WithParam(clip(name)).WithRemedy("%s", f.paramsRemedy())
		}
		if !slices.Contains(p.Values, value) {
			return nil, fault.New(fault.Invalid, "%s cannot be %q for %s", name, clip(value), f.Title).
				WithParam(name).WithRemedy("Allowed: %s.", strings.Join(p.Values, ", "))
		}
		out[p.Name] = value
	}
	return out, nil
}

// clip keeps what somebody else wrote short enough for a message.
func clip(s string) string {
	if len(s) <= 64 {
		return s
	}
	return strings.ToValidUTF8(s[:64], "") + "…"
}

func (f *Family) paramsRemedy() string {
	if len(f.Params) == 0 {
		return "It takes no parameters: leave it out."
	}
	names := make([]string, len(f.Params))
	for i, p := range f.Params {
		names[i] = p.Name
	}
	return "It takes: " + strings.Join(names, ", ") + "."
}

// Dimension returns the vector length that the parameters ask for.
func (f *Family) Dimension(p Params) int {
	if n, err := strconv.Atoi(p["dimensions"]); err == nil {
		return n
	}
	return f.Dimensions[0]
}

// LengthError says that a text is longer than its model takes.
type LengthError struct{ Length, Limit int }

func (e *LengthError) Error() string {
	return fmt.Sprintf("the text is %d characters long; the limit is %d", e.Length, e.Limit)
}

// Fit returns the text as it may be sent: unchanged, or cut to MaxChars at a
// character's boundary where truncation was asked for and AWS would refuse all
// the same. A text that is too long otherwise is a [*LengthError].
func (f *Family) Fit(text string, p Params) (string, error) {
	if f.MaxChars == 0 || len(text) <= f.MaxChars {
		return text, nil
	}
	n := utf8.RuneCountInString(text)
	switch {
	case n <= f.MaxChars:
		return text, nil
	case p["truncate"] != "START" && p["truncate"] != "END":
		return "", &LengthError{Length: n, Limit: f.MaxChars}
	case !f.CutsToMaxChars:
		return text, nil
	case p["truncate"] == "START":
		return text[runeOffset(text, n-f.MaxChars):], nil
	}
	return text[:runeOffset(text, f.MaxChars)], nil
}

// runeOffset returns the byte offset of the n-th character.
func runeOffset(s string, n int) int {
	for offset := range s {
		if n == 0 {
			return offset
		}
		n--
	}
	return len(s)
}

// EstimateTokens guesses the tokens of a text where AWS does not tell them:
// one for four bytes, rounded up. Bills and limits never rest on it unmarked.
func EstimateTokens(text string) int { return (len(text) + 3) / 4 }
