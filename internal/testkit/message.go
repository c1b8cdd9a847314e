package testkit

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// Message is a mail as the server received it.
type Message struct {
	From    string      // envelope sender, without angle brackets
	To      []string    // envelope recipients that were accepted, in order
	Raw     []byte      // header and body exactly as sent, lines ending in CRLF
	Header  mail.Header // as sent; Subject is decoded below
	Subject string      // decoded
	Parts   []Part      // the leaves of the MIME tree, in order; at least one
}

// Part is one leaf of a message's MIME tree.
type Part struct {
	MediaType string            // lower case, such as text/plain
	Params    map[string]string // such as charset
	FileName  string            // decoded; empty where there is none
	Body      []byte            // transfer encoding removed
}

// Text returns the body of the first part of the media type, or "" where there
// is none.
func (m Message) Text(mediaType string) string {
	for _, p := range m.Parts {
		if p.MediaType == mediaType {
			return string(p.Body)
		}
	}
	return ""
}

// parseMessage takes a mail apart.
func parseMessage(from string, to []string, raw []byte) (Message, error) {
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Message{}, fmt.Errorf("parse message: %w", err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
	if err != nil {
		return Message{}, fmt.Errorf("decode subject: %w", err)
	}
	parts, err := leaves(parsed.Header, parsed.Body)
	if err != nil {
		return Message{}, err
	}
	return Message{From: from, To: to, Raw: raw, Header: parsed.Header, Subject: subject, Parts: parts}, nil
}

// header is what mail.Header and textproto.MIMEHeader have in common.
type header interface{ Get(name string) string }

// leaves returns the parts below one node of the MIME tree.
func leaves(h header, body io.Reader) ([]Part, error) {
	contentType := h.Get("Content-Type")
	if contentType == "" {
		contentType = "text/plain; charset=us-ascii" // RFC 2045, 5.2
	}
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, fmt.Errorf("parse content type: %w", err)
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		return branches(multipart.NewReader(body, params["boundary"]))
	}
	decoded, err := io.ReadAll(decoder(h.Get("Content-Transfer-Encoding"), body))
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", mediaType, err)
	}
	p := Part{MediaType: mediaType, Params: params, Body: decoded}
	if _, disposition, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil {
		p.FileName = disposition["filename"]
	}
	return []Part{p}, nil
}

// branches returns the leaves of every child of a multipart node.
func branches(children *multipart.Reader) (parts []Part, err error) {
	for {
		child, err := children.NextRawPart() // raw: decoder removes the encoding
		if errors.Is(err, io.EOF) {
			return parts, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read multipart: %w", err)
		}
		below, err := leaves(child.Header, child)
		if err != nil {
			return nil, err
		}
		parts = append(parts, below...)
	}
}

// decoder undoes a Content-Transfer-Encoding.
func decoder(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	default:
		return body // 7bit, 8bit, binary
	}
}
