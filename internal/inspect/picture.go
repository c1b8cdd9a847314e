package inspect

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// Photographs are cleaned without decoding them: the parts of the file that
// carry the picture are copied, all others are left behind. So nothing of the
// picture is lost, and no memory is spent on what a header claims. Which way
// is up is the one thing kept of the metadata.

// maxPixels is the largest picture that is taken: twice what the best
// telephones make.
const maxPixels = 400_000_000

func checkPixels(width, height int) error {
	if width <= 0 || height <= 0 {
		return refuse(CodeDamaged)
	}
	if width > maxPixels/height {
		return refuse(CodePixels)
	}
	return nil
}

// JPEG markers. See ITU-T T.81, table B.1.
const (
	markerSOI  = 0xD8
	markerEOI  = 0xD9
	markerSOS  = 0xDA
	markerAPP0 = 0xE0
	markerEXIF = 0xE1
	markerICC  = 0xE2
	markerAPPE = 0xEE // Adobe's: how the colours are stored
	markerAPPF = 0xEF
	markerCOM  = 0xFE
)

// cleanJPEG copies the segments that carry the picture: everything but
// application data and comments. Colour profiles are application data that
// belongs to the picture. What follows its end is dropped.
func cleanJPEG(in []byte) ([]byte, error) {
	if len(in) < 4 || in[0] != 0xFF || in[1] != markerSOI {
		return nil, refuse(CodeDamaged)
	}
	var kept bytes.Buffer
	orientation, sized := uint16(1), false
	for at := 2; ; {
		for at+1 < len(in) && in[at] == 0xFF && in[at+1] == 0xFF {
			at++ // filling
		}
		if at+4 > len(in) || in[at] != 0xFF {
			if at+2 <= len(in) && in[at] == 0xFF && in[at+1] == markerEOI && sized {
				break
			}
			return nil, refuse(CodeDamaged)
		}
		marker := in[at+1]
		if marker == markerEOI {
			break
		}
		size := int(binary.BigEndian.Uint16(in[at+2:]))
		if size < 2 || at+2+size > len(in) {
			return nil, refuse(CodeDamaged)
		}
		segment := in[at : at+2+size]
		body := segment[4:]
		at += 2 + size
		switch {
		case marker == markerEXIF:
			if o := orientationOf(bytes.TrimPrefix(body, []byte("Exif\x00\x00"))); o != 0 {
				orientation = o
			}
			continue
		case marker == markerICC && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")),
			marker == markerAPP0 && bytes.HasPrefix(body, []byte("JFIF\x00")),
			marker == markerAPPE && bytes.HasPrefix(body, []byte("Adobe")):
		case marker >= markerAPP0 && marker <= markerAPPF, marker == markerCOM:
			continue
		case isFrame(marker):
			if len(body) < 5 {
				return nil, refuse(CodeDamaged)
			}
			if err := checkPixels(int(binary.BigEndian.Uint16(body[3:])), int(binary.BigEndian.Uint16(body[1:]))); err != nil {
				return nil, err
			}
			sized = true
		}
		kept.Write(segment)
		if marker == markerSOS {
			scan := scanLength(in[at:])
			kept.Write(in[at : at+scan])
			at += scan
		}
	}
	if !sized {
		return nil, refuse(CodeDamaged)
	}
	return assembleJPEG(kept.Bytes(), orientation), nil
}

// isFrame reports whether a marker begins a frame, which says how large the
// picture is: SOF0 to SOF15 without DHT, JPG and DAC among them.
func isFrame(marker byte) bool {
	return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
}

// scanLength is how long the compressed data at the beginning of b is: up to a
// marker that is neither a stuffed zero nor a restart.
func scanLength(b []byte) int {
	for i := 0; i+1 < len(b); i++ {
		if b[i] == 0xFF && b[i+1] != 0 && b[i+1] != 0xFF && (b[i+1] < 0xD0 || b[i+1] > 0xD7) {
			return i
		}
	}
	return len(b)
}

// assembleJPEG puts a picture together. JFIF wants to be first.
func assembleJPEG(segments []byte, orientation uint16) []byte {
	out := []byte{0xFF, markerSOI}
	if len(segments) > 4 && segments[1] == markerAPP0 {
		n := 2 + int(binary.BigEndian.Uint16(segments[2:]))
		out, segments = append(out, segments[:n]...), segments[n:]
	}
	if orientation > 1 {
		exif := append([]byte("Exif\x00\x00"), exifOf(orientation)...)
		out = append(out, 0xFF, markerEXIF)
		out = binary.BigEndian.AppendUint16(out, uint16(len(exif)+2))
		out = append(out, exif...)
	}
	return append(append(out, segments...), 0xFF, markerEOI)
}

const (
	tagOrientation = 0x0112
	upright        = 8 // the last of the eight ways to hold a camera
)

// orientationOf reads which way is up out of an EXIF block, 0 where it does not
// say.
func orientationOf(tiff []byte) uint16 {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	first := uint64(order.Uint32(tiff[4:]))
	if first+2 > uint64(len(tiff)) {
		return 0
	}
	entries := tiff[first+2:]
	for range order.Uint16(tiff[first:]) {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == tagOrientation {
			if v := order.Uint16(entries[8:]); v >= 1 && v <= upright {
				return v
			}
			return 0
		}
		entries = entries[12:]
	}
	return 0
}

// exifOf is the least EXIF block: one entry, the orientation.
func exifOf(orientation uint16) []byte {
	out := []byte("MM\x00\x2A\x00\x00\x00\x08\x00\x01")
	out = binary.BigEndian.AppendUint16(out, tagOrientation)
	out = append(out, 0, 3, 0, 0, 0, 1) // one short number
	out = binary.BigEndian.AppendUint16(out, orientation)
	return append(out, 0, 0, 0, 0, 0, 0)
}

// pngParts are the chunks that carry the picture and its colours.
var pngParts = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true, "gAMA": true, "cHRM": true, "sRGB": true,
	"iCCP": true, "sBIT": true, "bKGD": true, "pHYs": true, "cICP": true,
}

// cleanPNG copies the chunks that carry the picture. Animations become their
// first picture.
func cleanPNG(in []byte) ([]byte, error) {
	const signature = "\x89PNG\r\n\x1a\n"
	if !bytes.HasPrefix(in, []byte(signature)) {
		return nil, refuse(CodeDamaged)
	}
	out := []byte(signature)
	for at, first := len(signature), true; ; first = false {
		if at+12 > len(in) {
			return nil, refuse(CodeDamaged)
		}
		size := int(binary.BigEndian.Uint32(in[at:]))
		if size < 0 || size > len(in)-at-12 {
			return nil, refuse(CodeDamaged)
		}
		chunk := in[at : at+12+size]
		kind, body := string(chunk[4:8]), chunk[8:8+size]
		if crc32.ChecksumIEEE(chunk[4:8+size]) != binary.BigEndian.Uint32(chunk[8+size:]) || first != (kind == "IHDR") {
			return nil, refuse(CodeDamaged)
		}
		if first {
			if size != 13 {
				return nil, refuse(CodeDamaged)
			}
			if err := checkPixels(int(binary.BigEndian.Uint32(body)), int(binary.BigEndian.Uint32(body[4:]))); err != nil {
				return nil, err
			}
		}
		switch {
		case pngParts[kind]:
			out = append(out, chunk...)
		case kind == "eXIf":
			if o := orientationOf(body); o > 1 {
				out = appendPNGChunk(out, kind, exifOf(o))
			}
		}
		at += len(chunk)
		if kind == "IEND" {
			return out, nil
		}
	}
}

func appendPNGChunk(out []byte, kind string, body []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(body)))
	named := append([]byte(kind), body...)
	return binary.BigEndian.AppendUint32(append(out, named...), crc32.ChecksumIEEE(named))
}

// Flags of a WebP file's header: that there is metadata.
const (
	webpXMP  = 0x04
	webpEXIF = 0x08
)

// cleanWebP copies the chunks that carry the picture.
func cleanWebP(in []byte) ([]byte, error) {
	if len(in) < 20 || string(in[:4]) != "RIFF" || string(in[8:12]) != "WEBP" {
		return nil, refuse(CodeDamaged)
	}
	whole := uint64(binary.LittleEndian.Uint32(in[4:])) + 8
	if whole > uint64(len(in)) {
		return nil, refuse(CodeDamaged)
	}
	out, orientation, header := append([]byte{}, in[:12]...), uint16(1), -1
	sized := false
	for rest := in[12:whole]; len(rest) >= 8; {
		size := uint64(binary.LittleEndian.Uint32(rest[4:]))
		padded := 8 + size + size&1
		if 8+size > uint64(len(rest)) {
			return nil, refuse(CodeDamaged)
		}
		body, chunk := rest[8:8+size], rest[:min(padded, uint64(len(rest)))]
		rest = rest[len(chunk):]
		switch kind := string(chunk[:4]); kind {
		case "EXIF":
			if o := orientationOf(bytes.TrimPrefix(body, []byte("Exif\x00\x00"))); o != 0 {
				orientation = o
			}
			continue
		case "VP8X", "VP8 ", "VP8L":
			width, height, ok := webpSize(kind, body)
			if !ok {
				return nil, refuse(CodeDamaged)
			}
			if err := checkPixels(width, height); err != nil {
				return nil, err
			}
			if kind == "VP8X" {
				header = len(out)
			}
			sized = true
		case "ALPH", "ANIM", "ANMF", "ICCP":
		default:
			continue // XMP, and whatever else somebody hides
		}
		out = append(out, chunk...)
		if len(chunk)%2 == 1 {
			out = append(out, 0)
		}
	}
	if !sized {
		return nil, refuse(CodeDamaged)
	}
	if header >= 0 {
		out[header+8] &^= webpXMP | webpEXIF
		if orientation > 1 {
			exif := exifOf(orientation)
			out[header+8] |= webpEXIF
			out = append(out, "EXIF"...)
			out = append(binary.LittleEndian.AppendUint32(out, uint32(len(exif))), exif...)
		}
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, nil
}

// webpSize reads the size of a picture out of the chunk that says it.
func webpSize(kind string, b []byte) (width, height int, ok bool) {
	switch {
	case kind == "VP8X" && len(b) >= 10:
		return 1 + (int(b[4]) | int(b[5])<<8 | int(b[6])<<16), 1 + (int(b[7]) | int(b[8])<<8 | int(b[9])<<16), true
	case kind == "VP8 " && len(b) >= 10:
		return int(binary.LittleEndian.Uint16(b[6:]) & 0x3FFF), int(binary.LittleEndian.Uint16(b[8:]) & 0x3FFF), true
	case kind == "VP8L" && len(b) >= 5 && b[0] == 0x2F:
		bits := binary.LittleEndian.Uint32(b[1:])
		return 1 + int(bits&0x3FFF), 1 + int(bits>>14&0x3FFF), true
	}
	return 0, 0, false
}
