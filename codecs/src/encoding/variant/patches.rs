// Written by tests/encodings_patches.rs from tests/tables/: what others have otherwise than the Encoding Standard.

use super::table::Patch;

/// CPython 3.11.7, codec gbk, on GBK.
pub(super) static GBK_PYTHON: Patch = Patch {
    none: &[
        (0x0080, 0x0080),
        (0xa140, 0xa7a0),
        (0xa2ab, 0xa2b0),
        (0xa2e3, 0xa2e4),
        (0xa2ef, 0xa2f0),
        (0xa2fd, 0xa2fe),
        (0xa4f4, 0xa4fe),
        (0xa5f7, 0xa5fe),
        (0xa6b9, 0xa6c0),
        (0xa6d9, 0xa6df),
        (0xa6ec, 0xa6ed),
        (0xa6f3, 0xa6f3),
        (0xa6f6, 0xa6fe),
        (0xa7c2, 0xa7d0),
        (0xa7f2, 0xa7fe),
        (0xa896, 0xa8a0),
        (0xa8bc, 0xa8bc),
        (0xa8bf, 0xa8bf),
        (0xa8c1, 0xa8c4),
        (0xa8ea, 0xa8fe),
        (0xa958, 0xa958),
        (0xa95b, 0xa95b),
        (0xa95d, 0xa95f),
        (0xa989, 0xa995),
        (0xa997, 0xa9a3),
        (0xa9f0, 0xa9fe),
        (0xaaa1, 0xaffe),
        (0xd7fa, 0xd7fe),
        (0xf8a1, 0xfdfe),
        (0xfe50, 0xfefe),
    ],
    counted: &[
    ],
    text: &[
    ],
    written: &[
    ],
    not_written: "",
    four: &[
    ],
};

/// Java 17.0.15, charset GBK, on GBK.
pub(super) static GBK_JAVA: Patch = Patch {
    none: &[
        (0x0080, 0x0080),
    ],
    counted: &[
        (0xa6d9, 0xa6df, 0xe78d, 0),
        (0xa989, 0xa995, 0xe7e7, 0),
        (0xfe54, 0xfe6b, 0xe819, 0),
        (0xfe6d, 0xfe75, 0xe832, 0),
        (0xfe77, 0xfe7e, 0xe83c, 0),
        (0xfe80, 0xfe90, 0xe844, 0),
        (0xfe92, 0xfea0, 0xe856, 0),
    ],
    text: &[
        (0xa3a0, "\u{e5e5}"),
        (0xa6ec, "\u{e794}\u{e795}"),
        (0xa6f3, "\u{e796}"),
        (0xa892, "♁"),
        (0xa8bc, "\u{e7c7}"),
        (0xa8bf, "\u{e7c8}"),
        (0xfe50, "\u{e815}"),
    ],
    written: &[
    ],
    not_written: "",
    four: &[
    ],
};

/// Java 17.0.15, charset x-mswin-936, on GBK.
pub(super) static CP936: Patch = Patch {
    none: &[
    ],
    counted: &[
        (0xa6d9, 0xa6df, 0xe78d, 0),
        (0xa989, 0xa995, 0xe7e7, 0),
        (0xfe54, 0xfe6b, 0xe819, 0),
        (0xfe6d, 0xfe75, 0xe832, 0),
        (0xfe77, 0xfe7e, 0xe83c, 0),
        (0xfe80, 0xfe90, 0xe844, 0),
        (0xfe92, 0xfea0, 0xe856, 0),
    ],
    text: &[
        (0xa2e3, "\u{e76c}"),
        (0xa3a0, "\u{e5e5}"),
        (0xa6ec, "\u{e794}\u{e795}"),
        (0xa6f3, "\u{e796}"),
        (0xa8bc, "\u{e7c7}"),
        (0xa8bf, "\u{e7c8}"),
        (0xfe50, "\u{e815}"),
    ],
    written: &[
    ],
    not_written: "",
    four: &[
    ],
};

/// Java 17.0.15, charset windows-31j, on Shift_JIS.
pub(super) static CP932: Patch = Patch {
    none: &[
        (0x0080, 0x0080),
    ],
    counted: &[
    ],
    text: &[
    ],
    written: &[
        (0x005c, "¥"),
        (0x007e, "‾"),
        (0x8143, "¸"),
        (0x8145, "·"),
        (0x8150, "¯"),
        (0x8191, "¢£"),
        (0x81ca, "¬"),
        (0x81e1, "«»"),
        (0x8394, "ゔ"),
        (0x83ca, "µ"),
        (0xfa40, "ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹ"),
        (0xfa55, "￤＇＂"),
        (0xfa5c, "纊褜鍈銈蓜俉炻昱棈鋹曻彅丨仡仼伀伃伹佖侒侊侚侔俍偀倢俿倞偆偰偂傔僴僘兊"),
        (0xfa80, "兤冝冾凬刕劜劦勀勛匀匇匤卲厓厲叝﨎咜咊咩哿喆坙坥垬埈埇﨏塚增墲夋奓奛奝奣妤妺孖寀甯寘寬尞岦岺峵崧嵓﨑嵂嵭嶸嶹巐弡弴彧德忞恝悅悊惞惕愠惲愑愷愰憘戓抦揵摠撝擎敎昀昕昻昉昮昞昤晥晗晙晴晳暙暠暲暿曺朎朗杦枻桒柀栁桄棏﨓楨﨔榘槢樰橫橆橳橾櫢櫤毖氿汜沆汯泚洄涇浯"),
        (0xfb40, "涖涬淏淸淲淼渹湜渧渼溿澈澵濵瀅瀇瀨炅炫焏焄煜煆煇凞燁燾犱犾猤猪獷玽珉珖珣珒琇珵琦琪琩琮瑢璉璟甁畯皂皜皞皛皦益睆劯砡硎硤硺礰礼神"),
        (0xfb80, "祥禔福禛竑竧靖竫箞精絈絜綷綠緖繒罇羡羽茁荢荿菇菶葈蒴蕓蕙蕫﨟薰蘒﨡蠇裵訒訷詹誧誾諟諸諶譓譿賰賴贒赶﨣軏﨤逸遧郞都鄕鄧釚釗釞釭釮釤釥鈆鈐鈊鈺鉀鈼鉎鉙鉑鈹鉧銧鉷鉸鋧鋗鋙鋐﨧鋕鋠鋓錥錡鋻﨨錞鋿錝錂鍰鍗鎤鏆鏞鏸鐱鑅鑈閒隆﨩隝隯霳霻靃靍靏靑靕顗顥飯飼餧館馞驎髙"),
        (0xfc40, "髜魵魲鮏鮱鮻鰀鵰鵫鶴鸙黑"),
    ],
    not_written: "",
    four: &[
    ],
};

/// CPython 3.11.7, codec cp932, on Shift_JIS.
pub(super) static CP932_PYTHON: Patch = Patch {
    none: &[
    ],
    counted: &[
    ],
    text: &[
        (0x00a0, "\u{f8f0}"),
        (0x00fd, "\u{f8f1}\u{f8f2}\u{f8f3}"),
    ],
    written: &[
        (0x8160, "〜‖"),
        (0x817c, "−"),
        (0x8191, "¢£"),
        (0x81ca, "¬"),
    ],
    not_written: "",
    four: &[
    ],
};

/// CPython 3.11.7, codec shift_jis, on Shift_JIS.
pub(super) static SHIFT_JIS_PYTHON: Patch = Patch {
    none: &[
        (0x0080, 0x0080),
        (0x8740, 0x87fe),
        (0xed40, 0xeefe),
        (0xf040, 0xfcfe),
    ],
    counted: &[
    ],
    text: &[
        (0x8160, "〜‖"),
        (0x817c, "−"),
        (0x8191, "¢£"),
        (0x81ca, "¬"),
    ],
    written: &[
        (0x005c, "¥"),
        (0x007e, "‾"),
    ],
    not_written: "",
    four: &[
    ],
};

/// Java 17.0.15, charset Shift_JIS, on Shift_JIS.
pub(super) static SHIFT_JIS_JAVA: Patch = Patch {
    none: &[
        (0x0080, 0x0080),
        (0x8740, 0x87fe),
        (0xed40, 0xeefe),
        (0xf040, 0xfcfe),
    ],
    counted: &[
    ],
    text: &[
        (0x815c, "—"),
        (0x8160, "〜‖"),
        (0x817c, "−"),
        (0x8191, "¢£"),
        (0x81ca, "¬"),
    ],
    written: &[
        (0x005c, "¥"),
        (0x007e, "‾"),
    ],
    not_written: "",
    four: &[
    ],
};

/// Java 17.0.15, charset x-windows-950, on Big5.
pub(super) static CP950: Patch = Patch {
    none: &[
        (0xa3c0, 0xa3e0),
    ],
    counted: &[
        (0x8140, 0x8d7e, 0xeeb8, 157),
        (0x81a1, 0x8dfe, 0xeef7, 157),
        (0x8e40, 0xa07e, 0xe311, 157),
        (0x8ea1, 0xa0fe, 0xe350, 157),
        (0xc6a1, 0xc8fe, 0xf6b1, 157),
        (0xc740, 0xc87e, 0xf70f, 157),
        (0xfa40, 0xfe7e, 0xe000, 157),
        (0xfaa1, 0xfefe, 0xe03f, 157),
    ],
    text: &[
        (0xf9fe, "▓"),
    ],
    written: &[
        (0xa451, "十"),
        (0xa4ca, "卅"),
        (0xf9e9, "╞╪╡"),
        (0xf9f9, "═"),
    ],
    not_written: "",
    four: &[
    ],
};

/// CPython 3.11.7, codec cp950, on Big5.
pub(super) static CP950_PYTHON: Patch = Patch {
    none: &[
        (0x8740, 0xa0fe),
        (0xa3c0, 0xa3e0),
        (0xc7fd, 0xc7fe),
        (0xc840, 0xc8fe),
        (0xfa40, 0xfefe),
    ],
    counted: &[
        (0xc6a5, 0xc6f7, 0x3041, 0),
        (0xc6f8, 0xc6fe, 0x30a1, 0),
        (0xc740, 0xc77e, 0x30a8, 0),
        (0xc7a1, 0xc7b0, 0x30e7, 0),
        (0xc7b4, 0xc7ba, 0x0416, 0),
        (0xc7bb, 0xc7cd, 0x0423, 0),
        (0xc7cf, 0xc7e8, 0x0436, 0),
        (0xc7e9, 0xc7f2, 0x2460, 0),
        (0xc7f3, 0xc7fc, 0x2474, 0),
    ],
    text: &[
        (0xc6a1, "ヾゝゞ々"),
        (0xc7b1, "ДЕЁ"),
        (0xc7ce, "ё"),
        (0xf9fe, "▓"),
    ],
    written: &[
        (0xa145, "•"),
        (0xa14e, "､"),
        (0xa1c2, "‾"),
        (0xa1e3, "∼"),
        (0xa1f2, "♁☉"),
        (0xa244, "¥"),
        (0xa246, "¢£"),
        (0xa451, "十"),
        (0xa4ca, "卅"),
    ],
    not_written: "",
    four: &[
    ],
};

/// CPython 3.11.7, codec big5, on Big5.
pub(super) static BIG5_PYTHON: Patch = Patch {
    none: &[
        (0x8740, 0xa0fe),
        (0xa3c0, 0xa3e1),
        (0xc7fd, 0xc7fe),
        (0xc840, 0xc8fe),
        (0xf9d6, 0xf9fe),
        (0xfa40, 0xfefe),
    ],
    counted: &[
        (0xc6a5, 0xc6f7, 0x3041, 0),
        (0xc6f8, 0xc6fe, 0x30a1, 0),
        (0xc740, 0xc77e, 0x30a8, 0),
        (0xc7a1, 0xc7b0, 0x30e7, 0),
        (0xc7b4, 0xc7ba, 0x0416, 0),
        (0xc7bb, 0xc7cd, 0x0423, 0),
        (0xc7cf, 0xc7e8, 0x0436, 0),
        (0xc7e9, 0xc7f2, 0x2460, 0),
        (0xc7f3, 0xc7fc, 0x2474, 0),
    ],
    text: &[
        (0xa145, "•"),
        (0xa14e, "､"),
        (0xa1c2, "‾"),
        (0xa1e3, "∼"),
        (0xa1f2, "♁☉"),
        (0xa241, "／＼"),
        (0xa244, "¥"),
        (0xa246, "¢£"),
        (0xc6a1, "ヾゝゞ々"),
        (0xc7b1, "ДЕЁ"),
        (0xc7ce, "ё"),
    ],
    written: &[
        (0xa241, "／＼"),
        (0xa451, "十"),
        (0xa4ca, "卅"),
    ],
    not_written: "",
    four: &[
    ],
};

/// Java 17.0.15, charset Big5, on Big5.
pub(super) static BIG5_JAVA: Patch = Patch {
    none: &[
        (0x8740, 0xa0fe),
        (0xa1c3, 0xa1c3),
        (0xa1c5, 0xa1c5),
        (0xa3c0, 0xa3e1),
        (0xc7fd, 0xc7fe),
        (0xc840, 0xc8fe),
        (0xf9d6, 0xf9fe),
        (0xfa40, 0xfefe),
    ],
    counted: &[
        (0xc6a5, 0xc6f7, 0x3041, 0),
        (0xc6f8, 0xc6fe, 0x30a1, 0),
        (0xc740, 0xc77e, 0x30a8, 0),
        (0xc7a1, 0xc7b0, 0x30e7, 0),
        (0xc7b4, 0xc7ba, 0x0416, 0),
        (0xc7bb, 0xc7cd, 0x0423, 0),
        (0xc7cf, 0xc7e8, 0x0436, 0),
        (0xc7e9, 0xc7f2, 0x2460, 0),
        (0xc7f3, 0xc7fc, 0x2474, 0),
    ],
    text: &[
        (0xa145, "•"),
        (0xa14e, "､"),
        (0xa15a, "＿"),
        (0xa1c2, "‾"),
        (0xa1e3, "∼"),
        (0xa1f2, "♁☉"),
        (0xa1fe, "╱"),
        (0xa240, "╲／＼"),
        (0xa244, "¥"),
        (0xa246, "¢£"),
        (0xc6a1, "ヾゝゞ々"),
        (0xc7b1, "ДЕЁ"),
        (0xc7ce, "ё"),
    ],
    written: &[
        (0xa1c4, "＿"),
        (0xa2ac, "╱╲"),
        (0xa451, "十"),
        (0xa4ca, "卅"),
    ],
    not_written: "",
    four: &[
    ],
};

/// CPython 3.11.7, codec gb18030, on gb18030.
pub(super) static GB18030_2000: Patch = Patch {
    none: &[
        (0x0080, 0x0080),
    ],
    counted: &[
        (0xa6d9, 0xa6df, 0xe78d, 0),
    ],
    text: &[
        (0xa3a0, "\u{e5e5}"),
        (0xa6ec, "\u{e794}\u{e795}"),
        (0xa6f3, "\u{e796}"),
        (0xa8bc, "\u{e7c7}"),
        (0xfe59, "\u{e81e}"),
        (0xfe61, "\u{e826}"),
        (0xfe66, "\u{e82b}\u{e82c}"),
        (0xfe6d, "\u{e832}"),
        (0xfe7e, "\u{e843}"),
        (0xfe90, "\u{e854}"),
        (0xfea0, "\u{e864}"),
    ],
    written: &[
    ],
    not_written: "",
    four: &[
        (0x1d21, "ḿ"),
    ],
};

/// Java 17.0.15, charset GB18030, on gb18030.
pub(super) static GB18030_2022: Patch = Patch {
    none: &[
        (0x0080, 0x0080),
    ],
    counted: &[
    ],
    text: &[
        (0xa3a0, "\u{e5e5}"),
    ],
    written: &[
    ],
    not_written: "",
    four: &[
        (0x4a71, "\u{e81e}\u{e826}\u{e82b}\u{e82c}\u{e832}\u{e843}\u{e854}\u{e864}"),
        (0x98a4, "\u{e78d}\u{e78f}\u{e78e}\u{e790}\u{e791}\u{e792}\u{e793}\u{e794}\u{e795}\u{e796}"),
    ],
};
