// Package httpsms sends short messages through a gateway that takes JSON over
// HTTP, as those of the Vietnamese operators and resellers do.
package httpsms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hienke/internal/errs"
	"hienke/internal/sms"
)

// timeout bounds one Send.
const timeout = 10 * time.Second

// DefaultBody is the body where none is configured.
const DefaultBody = `{"to": "{to}", "text": "{text}", "id": "{id}"}`

// Config says which gateway takes the texts.
type Config struct {
	URL string
	// Secret goes along as a bearer token; empty: none does.
	Secret string
	// Body is the JSON that the gateway wants, with {to}, {text} and {id}
	// inside its strings. Empty means DefaultBody.
	Body string
}

// Sender sends texts. It implements sms.Sender and is safe for use by several
// goroutines.
type Sender struct {
	config Config
	body   any // the template, decoded
	client *http.Client
}

var _ sms.Sender = (*Sender)(nil)

// New returns a sender, or everything that is wrong with the configuration. It
// does not connect.
func New(c Config) (*Sender, error) {
	var problems []error
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		problems = append(problems, errors.New("the SMS gateway wants an address that begins with https://"))
	}
	if c.Body == "" {
		c.Body = DefaultBody
	}
	s := &Sender{config: c, client: &http.Client{
		Timeout: timeout,
		// A moved gateway is for the operator to notice: nobody hands numbers
		// and a secret to where an answer points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if err := json.Unmarshal([]byte(c.Body), &s.body); err != nil {
		problems = append(problems, errors.New("the body for the SMS gateway is no JSON"))
	}
	if !strings.Contains(c.Body, "{to}") || !strings.Contains(c.Body, "{text}") {
		problems = append(problems, errors.New("the body for the SMS gateway wants {to} and {text} in it"))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return s, nil
}

// Send implements sms.Sender. 429 and 5xx may pass, other refusals are for
// good; 401 and 403 are the operator's to mend and no fault of the text. No
// error repeats the number or the gateway's words.
func (s *Sender) Send(ctx context.Context, t sms.Text) error {
	fill := strings.NewReplacer("{to}", t.To, "{text}", t.Body, "{id}", t.ID)
	body, err := json.Marshal(filled(s.body, fill))
	if err != nil {
		return fmt.Errorf("encode the text: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("prepare the request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if s.config.Secret != "" {
		req.Header.Set("Authorization", "Bearer "+s.config.Secret)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return errs.Wrap(errs.Unavailable, "sms.unavailable", errors.New("the SMS gateway does not answer"))
	}
	defer resp.Body.Close()                                      //nolint:errcheck // read only
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)) // so that the connection can be used again
	return classify(resp.StatusCode)
}

// ErrSecret says that the gateway does not take the secret, and ErrMoved that it
// is somewhere else, where nothing is sent.
var (
	ErrSecret = errors.New("the SMS gateway does not take the secret")
	ErrMoved  = errors.New("the SMS gateway answers that it has moved")
)

// Ping asks the gateway for its head, by which no text is sent. It is for who
// sets it up: an error tells why nobody answers, but never the address, in which
// a secret may stand. A gateway that takes POST alone says so, and that is an
// answer, too.
func (s *Sender) Ping(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, s.config.URL, http.NoBody)
	if err != nil {
		return fmt.Errorf("prepare the request: %w", err)
	}
	if s.config.Secret != "" {
		req.Header.Set("Authorization", "Bearer "+s.config.Secret)
	}
	resp, err := s.client.Do(req)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err
	}
	if err != nil {
		return errs.Wrap(errs.Unavailable, "sms.unavailable", fmt.Errorf("the SMS gateway does not answer: %w", err))
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return ErrSecret
	case status >= 300 && status < 400:
		return ErrMoved
	case status >= 500 && status != http.StatusNotImplemented: // it does not know HEAD
		return errs.Wrap(errs.Unavailable, "sms.unavailable", errors.New("the SMS gateway answered "+strconv.Itoa(status)))
	}
	return nil
}

func classify(status int) error {
	cause := errors.New("the SMS gateway answered " + strconv.Itoa(status))
	switch {
	case status >= 200 && status < 300:
		return nil
	case status >= 400 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout &&
		status != http.StatusUnauthorized && status != http.StatusForbidden:
		return errs.Wrap(errs.Invalid, "sms.refused", cause)
	}
	return errs.Wrap(errs.Unavailable, "sms.unavailable", cause)
}

// filled returns a copy of decoded JSON with the marks in its strings filled
// in. What is filled in stays inside its string, whatever it is.
func filled(v any, fill *strings.Replacer) any {
	switch v := v.(type) {
	case string:
		return fill.Replace(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = filled(v[i], fill)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			out[k] = filled(v[k], fill)
		}
		return out
	}
	return v
}
