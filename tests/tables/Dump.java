import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CodingErrorAction;
import java.util.HexFormat;

/** Prints what a charset makes of byte strings ("bytes TAB characters") and of every character ("TAB characters TAB bytes"). */
class Dump {
    static final HexFormat HEX = HexFormat.of().withUpperCase();
    static final PrintStream OUT = new PrintStream(new java.io.BufferedOutputStream(System.out, 1 << 16), false);
    static CharsetDecoder decoder;

    public static void main(String[] args) throws Exception {
        boolean modified = args[0].equals("modified-utf-8");
        if (!modified) {
            Charset charset = Charset.forName(args[0]);
            System.err.println(charset.name() + " of Java " + Runtime.version());
            decoder = charset.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
            strings(args.length > 1 && args[1].equals("four"));
        }
        CharsetEncoder encoder = modified ? null : Charset.forName(args[0]).newEncoder()
            .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT);
        for (int c = 0; c <= 0x10FFFF; c++) {
            if (c >= 0xD800 && c <= 0xDFFF) continue;
            String text = new String(Character.toChars(c));
            byte[] bytes;
            if (modified) {
                ByteArrayOutputStream written = new ByteArrayOutputStream();
                new DataOutputStream(written).writeUTF(text);
                bytes = java.util.Arrays.copyOfRange(written.toByteArray(), 2, written.size());
            } else {
                try {
                    ByteBuffer buffer = encoder.reset().encode(CharBuffer.wrap(text));
                    bytes = new byte[buffer.remaining()];
                    buffer.get(bytes);
                } catch (CharacterCodingException unmappable) {
                    continue;
                }
            }
            OUT.println("\t" + Integer.toHexString(c) + "\t" + HEX.formatHex(bytes));
        }
        OUT.flush();
    }

    static void strings(boolean four) {
        for (int a = 0; a < 256; a++) {
            string((byte) a);
            for (int b = 0; b < 256; b++) string((byte) a, (byte) b);
        }
        if (!four) return;
        for (int a = 0x81; a <= 0xFE; a++)
            for (int b = 0x30; b <= 0x39; b++)
                for (int c = 0x81; c <= 0xFE; c++)
                    for (int d = 0x30; d <= 0x39; d++) string((byte) a, (byte) b, (byte) c, (byte) d);
    }

    static void string(byte... bytes) {
        try {
            CharBuffer text = decoder.reset().decode(ByteBuffer.wrap(bytes));
            StringBuilder line = new StringBuilder(HEX.formatHex(bytes)).append('\t');
            text.codePoints().forEach(c -> line.append(Integer.toHexString(c)).append(' '));
            OUT.println(line);
        } catch (CharacterCodingException malformed) {
            // Not in this charset: no line.
        }
    }
}
