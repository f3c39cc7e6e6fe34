package emulator

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

// page cuts n entries by Marker and MaxItems (100 unless said otherwise), and
// returns the IsTruncated and Marker elements that end the answer.
func (c *iamCall) page(n int) (from, to int, tail string, err *awsError) {
	if marker := c.text["Marker"]; marker != "" {
		text, bad := base64.StdEncoding.DecodeString(marker)
		digits, ours := strings.CutPrefix(string(text), "after ")
		number, wrong := strconv.Atoi(digits)
		if bad != nil || !ours || wrong != nil || number < 0 {
			return 0, 0, "", iamError("ValidationError", "Invalid Marker.")
		}
		from = min(number, n)
	}
	to = min(n, from+c.number("MaxItems", 100))
	if to == n {
		return from, to, element("IsTruncated", "false"), nil
	}
	marker := base64.StdEncoding.EncodeToString([]byte("after " + strconv.Itoa(to)))
	return from, to, element("IsTruncated", "true") + element("Marker", marker), nil
}

// iamTime is how IAM writes times.
func iamTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// orAWS tells what became of a change to the state: nothing when it succeeded,
// absent when its object is not there, or the change's own refusal.
func orAWS(err error, absent *awsError) *awsError {
	var refusal *awsError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refusal):
		return refusal
	case errors.Is(err, errAbsent):
		return absent
	}
	return iamError("ServiceFailure", "The emulator failed: "+err.Error())
}
