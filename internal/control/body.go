package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/adit-hq/adit/internal/fault"
)

const (
	maxBody = 1 << 20
	// bodyTime is how long a client may take to send its body.
	bodyTime = 10 * time.Second
)

// readBody takes the whole body in, of a client that is known by now, so that
// nothing after it waits for the client; it must be JSON, if there is one.
func readBody(w http.ResponseWriter, r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	if r.ContentLength > maxBody {
		return tooLarge()
	}
	// Not every writer has deadlines, such as that of a request in memory.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(bodyTime))
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	_ = control.SetReadDeadline(time.Time{}) // or it would end a long answer
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return tooLarge()
	case err != nil:
		return fault.Wrap(err, fault.Invalid, "the body was cut off or arrived too slowly").WithCode(codeUnreadable)
	}
	if b = bytes.TrimSpace(b); len(b) > 0 {
		if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
			return fault.New(fault.Invalid, "the body must be JSON").WithCode(codeMediaType).WithRemedy("Send it with `Content-Type: application/json`.")
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(b))
	r.ContentLength = int64(len(b))
	return nil
}

func tooLarge() error {
	return fault.New(fault.TooLarge, "the body is larger than %d bytes", maxBody)
}

// jsonOnly is the one format of this API. Marshalling leaves < and > as they
// are; unmarshalling refuses what encoding/json would let pass.
func jsonOnly() huma.Format {
	return huma.Format{
		Marshal: func(w io.Writer, v any) error {
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			return enc.Encode(v)
		},
		Unmarshal: unmarshal,
	}
}

// unmarshal reads a body. huma asks twice: once into any, to check it against
// the schema, and once into the body's type.
func unmarshal(data []byte, v any) error {
	if _, loose := v.(*any); loose {
		if err := oncePerName(data); err != nil {
			return err
		}
		return json.Unmarshal(data, v)
	}
	if err := exactNames(data, reflect.TypeOf(v)); err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// oncePerName refuses an object that has a name twice, of which every reader
// may believe another one.
func oncePerName(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var open []map[string]bool // names of each open object; nil for a list
	name := false              // the next string is a name
	for {
		token, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch t := token.(type) {
		case json.Delim:
			switch t {
			case '{':
				open = append(open, map[string]bool{})
			case '[':
				open = append(open, nil)
			default:
				open = open[:len(open)-1]
			}
			name = len(open) > 0 && open[len(open)-1] != nil
			continue
		case string:
			if name {
				seen := open[len(open)-1]
				if seen[t] {
					return fmt.Errorf("the name %q appears twice in one object", clip(t, maxLocation))
				}
				seen[t] = true
				name = false
				continue
			}
		}
		name = len(open) > 0 && open[len(open)-1] != nil
	}
}

// exactNames refuses names that differ from the body's fields in case only,
// which encoding/json and huma take for the field.
func exactNames(data []byte, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var members map[string]json.RawMessage
	if t.Kind() != reflect.Struct || json.Unmarshal(data, &members) != nil {
		return nil //nolint:nilerr // what is no object is the schema's to refuse
	}
	known := map[string]reflect.Type{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		known[name] = t.Field(i).Type
	}
	for name, value := range members {
		field, ok := known[name]
		if !ok {
			return &huma.ErrorDetail{Location: "body." + clip(name, maxLocation), Message: "unexpected property"}
		}
		if field.Kind() == reflect.Struct || field.Kind() == reflect.Pointer {
			if field == reflect.TypeFor[*time.Time]() {
				continue
			}
			if err := exactNames(value, field); err != nil {
				return err
			}
		}
	}
	return nil
}
