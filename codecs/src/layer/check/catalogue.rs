//! The CRCs of 8, 16 and 32 bits that have a name.

use crc::Algorithm;

/// What makes a CRC what it is, in the words of the catalogue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Model {
    /// In bits.
    pub(super) width: u32,
    pub(super) poly: u32,
    pub(super) init: u32,
    /// Whether each byte comes in with its lowest bit first.
    pub(super) refin: bool,
    pub(super) refout: bool,
    pub(super) xorout: u32,
}

impl Model {
    const fn crc8(crc: &Algorithm<u8>) -> Self {
        let (poly, init, xorout) = (crc.poly as u32, crc.init as u32, crc.xorout as u32);
        Self { width: crc.width as u32, poly, init, refin: crc.refin, refout: crc.refout, xorout }
    }

    const fn crc16(crc: &Algorithm<u16>) -> Self {
        let (poly, init, xorout) = (crc.poly as u32, crc.init as u32, crc.xorout as u32);
        Self { width: crc.width as u32, poly, init, refin: crc.refin, refout: crc.refout, xorout }
    }

    const fn crc32(crc: &Algorithm<u32>) -> Self {
        let (poly, init, xorout) = (crc.poly, crc.init, crc.xorout);
        Self { width: crc.width as u32, poly, init, refin: crc.refin, refout: crc.refout, xorout }
    }
}

/// A CRC of the [catalogue](https://reveng.sourceforge.io/crc-catalogue/all.htm).
#[derive(Debug)]
pub(super) struct Entry {
    /// The name that the catalogue gives it.
    pub(super) name: &'static str,
    pub(super) model: Model,
    /// What it comes to for `123456789`.
    #[cfg(test)]
    pub(super) check: u32,
}

macro_rules! catalogue {
    ($($width:ident { $($name:literal $parameters:ident)* })*) => {
        /// All of them, in the order of the catalogue.
        pub(super) const CATALOGUE: &[Entry] =
            &[$($(Entry {
                name: $name,
                model: Model::$width(&crc::$parameters),
                #[cfg(test)]
                check: crc::$parameters.check as u32,
            }),*),*];
    };
}

catalogue! {
    crc8 {
        "CRC-8/AUTOSAR" CRC_8_AUTOSAR
        "CRC-8/BLUETOOTH" CRC_8_BLUETOOTH
        "CRC-8/CDMA2000" CRC_8_CDMA2000
        "CRC-8/DARC" CRC_8_DARC
        "CRC-8/DVB-S2" CRC_8_DVB_S2
        "CRC-8/GSM-A" CRC_8_GSM_A
        "CRC-8/GSM-B" CRC_8_GSM_B
        "CRC-8/HITAG" CRC_8_HITAG
        "CRC-8/I-432-1" CRC_8_I_432_1
        "CRC-8/I-CODE" CRC_8_I_CODE
        "CRC-8/LTE" CRC_8_LTE
        "CRC-8/MAXIM-DOW" CRC_8_MAXIM_DOW
        "CRC-8/MIFARE-MAD" CRC_8_MIFARE_MAD
        "CRC-8/NRSC-5" CRC_8_NRSC_5
        "CRC-8/OPENSAFETY" CRC_8_OPENSAFETY
        "CRC-8/ROHC" CRC_8_ROHC
        "CRC-8/SAE-J1850" CRC_8_SAE_J1850
        "CRC-8/SMBUS" CRC_8_SMBUS
        "CRC-8/TECH-3250" CRC_8_TECH_3250
        "CRC-8/WCDMA" CRC_8_WCDMA
    }
    crc16 {
        "CRC-16/ARC" CRC_16_ARC
        "CRC-16/CDMA2000" CRC_16_CDMA2000
        "CRC-16/CMS" CRC_16_CMS
        "CRC-16/DDS-110" CRC_16_DDS_110
        "CRC-16/DECT-R" CRC_16_DECT_R
        "CRC-16/DECT-X" CRC_16_DECT_X
        "CRC-16/DNP" CRC_16_DNP
        "CRC-16/EN-13757" CRC_16_EN_13757
        "CRC-16/GENIBUS" CRC_16_GENIBUS
        "CRC-16/GSM" CRC_16_GSM
        "CRC-16/IBM-3740" CRC_16_IBM_3740
        "CRC-16/IBM-SDLC" CRC_16_IBM_SDLC
        "CRC-16/ISO-IEC-14443-3-A" CRC_16_ISO_IEC_14443_3_A
        "CRC-16/KERMIT" CRC_16_KERMIT
        "CRC-16/LJ1200" CRC_16_LJ1200
        "CRC-16/M17" CRC_16_M17
        "CRC-16/MAXIM-DOW" CRC_16_MAXIM_DOW
        "CRC-16/MCRF4XX" CRC_16_MCRF4XX
        "CRC-16/MODBUS" CRC_16_MODBUS
        "CRC-16/NRSC-5" CRC_16_NRSC_5
        "CRC-16/OPENSAFETY-A" CRC_16_OPENSAFETY_A
        "CRC-16/OPENSAFETY-B" CRC_16_OPENSAFETY_B
        "CRC-16/PROFIBUS" CRC_16_PROFIBUS
        "CRC-16/RIELLO" CRC_16_RIELLO
        "CRC-16/SPI-FUJITSU" CRC_16_SPI_FUJITSU
        "CRC-16/T10-DIF" CRC_16_T10_DIF
        "CRC-16/TELEDISK" CRC_16_TELEDISK
        "CRC-16/TMS37157" CRC_16_TMS37157
        "CRC-16/UMTS" CRC_16_UMTS
        "CRC-16/USB" CRC_16_USB
        "CRC-16/XMODEM" CRC_16_XMODEM
    }
    crc32 {
        "CRC-32/AIXM" CRC_32_AIXM
        "CRC-32/AUTOSAR" CRC_32_AUTOSAR
        "CRC-32/BASE91-D" CRC_32_BASE91_D
        "CRC-32/BZIP2" CRC_32_BZIP2
        "CRC-32/CD-ROM-EDC" CRC_32_CD_ROM_EDC
        "CRC-32/CKSUM" CRC_32_CKSUM
        "CRC-32/ISCSI" CRC_32_ISCSI
        "CRC-32/ISO-HDLC" CRC_32_ISO_HDLC
        "CRC-32/JAMCRC" CRC_32_JAMCRC
        "CRC-32/MEF" CRC_32_MEF
        "CRC-32/MPEG-2" CRC_32_MPEG_2
        "CRC-32/XFER" CRC_32_XFER
    }
}

/// Other names of the same CRCs, with those of the catalogue, for who does not find one under the name that he knows.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("CRC-8", "CRC-8/SMBUS"),
    ("CRC-8/MAXIM", "CRC-8/MAXIM-DOW"),
    ("CRC-8/ITU", "CRC-8/I-432-1"),
    ("CRC-16", "CRC-16/ARC"),
    ("CRC-16/IBM", "CRC-16/ARC"),
    ("CRC-16/LHA", "CRC-16/ARC"),
    ("CRC-16/CCITT", "CRC-16/KERMIT"),
    ("CRC-16/CCITT-TRUE", "CRC-16/KERMIT"),
    ("CRC-CCITT", "CRC-16/KERMIT"),
    ("CRC-16/CCITT-FALSE", "CRC-16/IBM-3740"),
    ("CRC-16/AUTOSAR", "CRC-16/IBM-3740"),
    ("CRC-16/X-25", "CRC-16/IBM-SDLC"),
    ("CRC-16/X25", "CRC-16/IBM-SDLC"),
    ("CRC-16/HDLC", "CRC-16/IBM-SDLC"),
    ("CRC-16/ZMODEM", "CRC-16/XMODEM"),
    ("CRC-16/BUYPASS", "CRC-16/UMTS"),
    ("CRC-16/MAXIM", "CRC-16/MAXIM-DOW"),
    ("CRC-A", "CRC-16/ISO-IEC-14443-3-A"),
    ("CRC-32", "CRC-32/ISO-HDLC"),
    ("CRC-32/ADCCP", "CRC-32/ISO-HDLC"),
    ("CRC-32/V-42", "CRC-32/ISO-HDLC"),
    ("CRC-32/ZIP", "CRC-32/ISO-HDLC"),
    ("CRC-32/ETHERNET", "CRC-32/ISO-HDLC"),
    ("CRC-32C", "CRC-32/ISCSI"),
    ("CRC-32/CASTAGNOLI", "CRC-32/ISCSI"),
    ("CRC-32/POSIX", "CRC-32/CKSUM"),
];
