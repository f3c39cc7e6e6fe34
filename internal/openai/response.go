package openai

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/vector"
)

// The answer is written piece by piece: the vectors' digits go from AWS's body
// to the caller's without a copy of the whole.
const (
	head       = `{"object":"list","data":[`
	elementTop = `{"object":"embedding","index":`
	elementMid = `,"embedding":`
	elementEnd = `}`
	modelTop   = `],"model":`
	usageTop   = `,"usage":{"prompt_tokens":`
	usageMid   = `,"total_tokens":`
	tail       = "}}\n"
)

// writers are large, so that a vector is one write to the network or less.
//
//nolint:gochecknoglobals // a pool is of use only when shared; it holds no state
var writers = sync.Pool{New: func() any { return bufio.NewWriterSize(io.Discard, 64<<10) }}

// patience is how long a caller may take over any answer. One who stops reading
// would hold the vectors and a goroutine for ever.
const patience = time.Minute

// slowest is the reading speed in bytes a second that a longer answer waits for.
const slowest = 64 << 10

// hurry ends the connection of a caller who does not read an answer of size
// bytes in time. Writers without deadlines, such as those of tests, have none.
func hurry(w http.ResponseWriter, size int) {
	allowed := patience + time.Duration(size)*time.Second/slowest
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(allowed))
}

// writeEmbeddings answers with the vectors. After an error the vectors must stay
// as they are: the server may still be reading them.
func writeEmbeddings(w http.ResponseWriter, name string, resp *gateway.Response, asBase64 bool) error {
	model, err := json.Marshal(name)
	if err != nil {
		return err
	}
	tokens := strconv.Itoa(resp.Tokens + resp.Estimated)
	size := len(head) + len(modelTop) + len(model) + len(usageTop) + 2*len(tokens) + len(usageMid) + len(tail) + len(resp.Vectors) - 1
	for i, v := range resp.Vectors {
		size += len(elementTop) + digits(i) + len(elementMid) + len(elementEnd) + embeddingSize(v, resp.Dimensions, asBase64)
	}
	h := w.Header()
	h["Content-Type"] = []string{"application/json"}
	h["Content-Length"] = []string{strconv.Itoa(size)}

	hurry(w, size)

	out := writers.Get().(*bufio.Writer)
	out.Reset(w)
	out.WriteString(head)
	for i, v := range resp.Vectors {
		if err := writeElement(out, i, v, resp.Dimensions, asBase64); err != nil {
			return err
		}
	}
	out.WriteString(modelTop)
	out.Write(model)
	out.WriteString(usageTop + tokens + usageMid + tokens + tail)
	if err := out.Flush(); err != nil { // a bufio.Writer keeps its first error
		return err // and is lost with it, for the reason that the vectors are
	}
	out.Reset(io.Discard)
	writers.Put(out)
	return nil
}

func writeElement(out *bufio.Writer, i int, v vector.Text, dimensions int, asBase64 bool) error {
	if i > 0 {
		out.WriteByte(',')
	}
	out.WriteString(elementTop)
	out.Write(strconv.AppendInt(out.AvailableBuffer(), int64(i), 10))
	out.WriteString(elementMid)
	if !asBase64 {
		out.Write(v)
	} else {
		out.WriteByte('"')
		if out.Available() < embeddingSize(v, dimensions, true) {
			if err := out.Flush(); err != nil {
				return err
			}
		}
		encoded, err := v.AppendBase64(out.AvailableBuffer(), dimensions)
		if err != nil {
			return err
		}
		out.Write(encoded)
		out.WriteByte('"')
	}
	_, err := out.WriteString(elementEnd)
	return err
}

// embeddingSize is how many bytes a vector takes in the answer: its digits as
// they are, or base64 of four bytes a number between quotes.
func embeddingSize(v vector.Text, dimensions int, asBase64 bool) int {
	if asBase64 {
		return base64.StdEncoding.EncodedLen(4*dimensions) + 2
	}
	return len(v)
}

func digits(n int) int {
	d := 1
	for ; n >= 10; n /= 10 {
		d++
	}
	return d
}
