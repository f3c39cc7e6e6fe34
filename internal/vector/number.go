package vector

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// AppendFloat32s appends the numbers of t to dst, each rounded to the nearest
// float32. It returns dst as it was, and an error that names the element,
// where t is no array of numbers or one is out of float32's range.
func (t Text) AppendFloat32s(dst []float32) ([]float32, error) {
	given := len(dst)
	walk := elements{text: t}
	for walk.next() {
		dst = append(dst, walk.value)
	}
	if walk.err != nil {
		return dst[:given], walk.err
	}
	return dst, nil
}

// AppendBase64 appends to dst the n numbers of t as OpenAI's clients read them:
// float32 little-endian in standard base64 with padding, each rounded to the
// nearest float32. It returns dst as it was, and an error, where t is no array
// of exactly n numbers in float32's range.
func (t Text) AppendBase64(dst []byte, n int) ([]byte, error) {
	if n < 0 || n > len(t) { // also keeps a wrong n from asking for memory
		return dst, errCount
	}
	dst = slices.Grow(dst, base64.StdEncoding.EncodedLen(4*n))
	given, count := len(dst), 0
	// A chunk is encoded without padding when its length divides by three.
	var chunk [768]byte
	fill := 0
	walk := elements{text: t}
	for walk.next() {
		if count++; count > n {
			return dst[:given], errCount
		}
		binary.LittleEndian.PutUint32(chunk[fill:], math.Float32bits(walk.value))
		if fill += 4; fill == len(chunk) {
			dst = base64.StdEncoding.AppendEncode(dst, chunk[:])
			fill = 0
		}
	}
	switch {
	case walk.err != nil:
		return dst[:given], walk.err
	case count != n:
		return dst[:given], errCount
	}
	return base64.StdEncoding.AppendEncode(dst, chunk[:fill]), nil
}

var errCount = errors.New("the vector has another number of elements than was said")

// elements walks the numbers of a text: next sets value until it returns false,
// and then err says whether the text ended as it should.
type elements struct {
	text  Text
	at    int
	index int
	value float32
	err   error
}

func (e *elements) next() bool {
	if e.index == 0 {
		e.at = skipSpace(e.text, 0)
		if e.at == len(e.text) || e.text[e.at] != '[' {
			return e.fail(errSyntax)
		}
		e.at = skipSpace(e.text, e.at+1)
		if e.at < len(e.text) && e.text[e.at] == ']' {
			return e.finish()
		}
	} else {
		if e.at == len(e.text) {
			return e.fail(errSyntax)
		}
		switch e.text[e.at] {
		case ',':
			e.at = skipSpace(e.text, e.at+1)
		case ']':
			return e.finish()
		default:
			return e.fail(errSyntax)
		}
	}
	var err error
	if e.value, e.at, err = number(e.text, e.at); err != nil {
		return e.fail(err)
	}
	e.at = skipSpace(e.text, e.at)
	e.index++
	return true
}

// finish ends the walk at the closing bracket, which must be the text's last.
func (e *elements) finish() bool {
	if skipSpace(e.text, e.at+1) != len(e.text) {
		return e.fail(errSyntax)
	}
	return false
}

func (e *elements) fail(err error) bool {
	e.err = fmt.Errorf("element %d: %w", e.index, err)
	return false
}
